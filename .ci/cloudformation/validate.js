// Validates CloudFormation and SAM templates. Warnings count as errors. It prints what is above INFO, and
// exits with 1 if there is anything.
"use strict";

const { RegoEngine, TemplateFile } = require("@aws/cloudformation-validate");

const engine = new RegoEngine();
let bad = 0;
try {
  for (const path of process.argv.slice(2)) {
    const report = engine.validateStandard(new TemplateFile(path), { strict: true });
    const found = report.diagnostics.filter((d) => d.severity !== "INFO" && d.severity !== "DEBUG");
    for (const d of found) {
      console.log(`${path}:${d.startLine}: ${d.severity} ${d.ruleId} ${d.entity?.logicalId ?? ""} ${d.propertyPath ?? ""}: ${d.message}`);
    }
    console.log(`${path}: ${found.length} problems`);
    bad += found.length;
  }
} finally {
  engine.free();
}
process.exit(bad > 0 ? 1 : 0);
