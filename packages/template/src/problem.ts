/** A template cannot be parsed, or fails while it runs; the message is Go's, `template: NAME:LINE…: …`. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** Thrown by a function to fail the template; shown as `error calling NAME: message`. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
}
