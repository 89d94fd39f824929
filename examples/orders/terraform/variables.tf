variable "name" {
  description = "The name of the function, and a part of the names of the other resources"
  type        = string
  default     = "orders"
}

variable "stage" {
  description = "A part of the names of the parameters, as in /shop/dev/payments/key"
  type        = string
  default     = "dev"
}
