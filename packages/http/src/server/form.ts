const BAD_ESCAPE = /%(?![0-9a-fA-F]{2}).{0,2}/s;

/** Fields of a form or of a URL's query. Parses them as Go does: a malformed field is omitted. */
export class FormFields extends URLSearchParams {
  /** Error text of the first malformed field; undefined if all fields are valid. */
  readonly problem: string | undefined;

  constructor(fields: string | URLSearchParams, problem?: string) {
    super(fields);
    this.problem = problem;
  }
}

/** Parses fields such as `a=1&b=2`. */
export function parseFields(text: string): FormFields {
  if (!text.includes(";") && !BAD_ESCAPE.test(text)) return new FormFields(text);
  let problem: string | undefined;
  const kept = text.split("&").filter((field) => {
    const found = problemOf(field);
    problem ??= found;
    return found === undefined;
  });
  return new FormFields(kept.join("&"), problem);
}

function problemOf(field: string): string | undefined {
  if (field.includes(";")) return "invalid semicolon separator in query";
  const escape = BAD_ESCAPE.exec(field);
  return escape === null ? undefined : `invalid URL escape ${JSON.stringify(escape[0])}`;
}
