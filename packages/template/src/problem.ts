/** A template cannot be parsed or executed. The message is Go's: `template: NAME:LINE…: …`. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** A template function failed, which stops the template. Shown as `error calling NAME: message`. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
}
