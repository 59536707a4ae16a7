/** Name of the field for an expression, for assistive technology. */
export const fieldLabel = "PromQL expression";

/** What the field says while it is empty. */
export const fieldPlaceholder = "Enter an expression, such as rate(http_requests_total[5m])";
