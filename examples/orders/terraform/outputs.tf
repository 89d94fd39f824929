output "url" {
  description = "The address of the API"
  value       = aws_apigatewayv2_api.orders.api_endpoint
}

output "log_group" {
  description = "The log group of the function"
  value       = aws_cloudwatch_log_group.orders.name
}
