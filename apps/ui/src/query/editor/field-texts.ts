/** Name of the field for screen readers. */
export const fieldLabel = "PromQL expression";

/** Placeholder of the empty field. */
export const fieldPlaceholder = "Enter an expression, such as rate(http_requests_total[5m])";
