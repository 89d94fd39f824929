# The function of examples/orders behind an API Gateway HTTP API, with a table of the orders that it
# has taken: the resources of ../template.yaml. Run the commands here.
#
#   build:  CGO_ENABLED=0 GOOS=linux GOARCH=arm64 GOFLAGS="-tags=lambda.norpc -trimpath -ldflags=-s" go build -o build/bootstrap ..
#   deploy: terraform init && terraform apply
#   call:   curl -i -H 'Content-Type: application/json' -d '{"items":[{"sku":"mug","quantity":2,"price":8.5}],"card":"tok_visa"}' "$(terraform output -raw url)/orders"
#   watch:  aws logs tail "$(terraform output -raw log_group)" --follow
#   remove: terraform destroy
#
# The table has prevent_destroy. To remove it too, delete that line first.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = ">= 2.4"
    }
  }
}

data "archive_file" "function" {
  type             = "zip"
  source_file      = "${path.module}/build/bootstrap"
  output_path      = "${path.module}/build/function.zip"
  output_file_mode = "0755"
}

resource "aws_lambda_function" "orders" {
  function_name    = var.name
  role             = aws_iam_role.orders.arn
  filename         = data.archive_file.function.output_path
  source_code_hash = data.archive_file.function.output_base64sha256
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  timeout          = 10
  memory_size      = 256

  environment {
    variables = {
      CONFIG            = "parameterstore"
      STAGE             = var.stage
      IDEMPOTENCY_TABLE = aws_dynamodb_table.orders_taken.name
    }
  }

  # Without it, the spans of the function are lost.
  tracing_config {
    mode = "Active"
  }

  # logging.Buffer writes DEBUG lines if an order fails, and Lambda must let them pass.
  logging_config {
    log_format            = "JSON"
    application_log_level = "DEBUG"
    system_log_level      = "INFO"
    log_group             = aws_cloudwatch_log_group.orders.name
  }

  # The first invocation needs the permissions.
  depends_on = [aws_iam_role_policy.orders]
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/lambda/${var.name}"
  retention_in_days = 30
}

# Without these records, a repeated order would be charged again.
resource "aws_dynamodb_table" "orders_taken" {
  name         = "${var.name}-taken"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  ttl {
    attribute_name = "expiration"
    enabled        = true
  }

  lifecycle {
    prevent_destroy = true
  }
}
