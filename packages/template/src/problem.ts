/** Thrown if a template cannot be parsed or executed, with Go's message: `template: NAME:LINE…: …`. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** Thrown by a template function to stop the template. Shown as `error calling NAME: message`. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
}
