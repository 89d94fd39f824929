// Validates templates, and fails for each finding that is more than information.
//
//     node strict.js [--ignore RULE]... TEMPLATE...
const { RegoEngine, TemplateFile } = require('@aws/cloudformation-validate')

const ignored = []
const templates = []
for (let i = 2; i < process.argv.length; i++) {
  if (process.argv[i] === '--ignore') ignored.push(process.argv[++i])
  else templates.push(process.argv[i])
}
const engine = new RegoEngine()
let failed = templates.length === 0
for (const path of templates) {
  const report = engine.validateStandard(new TemplateFile(path), { strict: true, severityLevel: 'WARN', exclude: { ids: ignored } })
  for (const d of report.diagnostics) {
    console.error(`${path}:${d.startLine}: ${d.severity} ${d.ruleId} ${d.entity?.logicalId ?? ''}: ${d.message}`)
    failed = true
  }
}
engine.free()
if (!failed) console.log(`${templates.length} templates are valid`)
process.exit(failed ? 1 : 0)
