/** Name of the expression field for screen readers. */
export const fieldLabel = "PromQL expression";

export const fieldPlaceholder = "Enter an expression, such as rate(http_requests_total[5m])";
