/**
 * Error for a required variable that is not set, or for an invalid reference. The message names the variable or
 * reference.
 */
export class InterpolationError extends Error {
  override readonly name = "InterpolationError";
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-else}`, `${NAME:?message}` and `${NAME:+then}` in a text. Throws
 * InterpolationError.
 */
export function interpolate(text: string, env: Environment): string {
  let filled = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "$") {
      filled += text[i]!;
      continue;
    }
    const rest = text.slice(i + 1);
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (rest.startsWith("$")) {
      filled += "$";
      i++;
    } else if (name !== undefined) {
      filled += env[name] ?? "";
      i += name.length;
    } else if (rest.startsWith("{")) {
      const end = closingBrace(rest);
      if (end === undefined)
        throw new InterpolationError(`\${ is not closed in ${JSON.stringify(text)}; write }, or $$ for a dollar sign`);
      filled += reference(rest.slice(1, end), env);
      i += end + 1;
    } else throw new InterpolationError(`a single dollar sign in ${JSON.stringify(text)}; write $$ for a dollar sign`);
  }
  return filled;
}

/** Returns the position of the brace that closes the text's first brace. Nested braces are allowed. */
function closingBrace(text: string): number | undefined {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  return undefined;
}

function reference(inner: string, env: Environment): string {
  const [, name, sign = "", word = ""] = /^([A-Za-z_]\w*)(?:(:?[-?+])(.*))?$/s.exec(inner) ?? [];
  if (name === undefined)
    throw new InterpolationError(`\${${inner}} is no variable; write \${NAME} or \${NAME:-default}`);
  const value = env[name];
  const isThere = value !== undefined && !(sign.startsWith(":") && value === "");
  switch (sign.at(-1)) {
    case "-":
      return isThere ? value : interpolate(word, env);
    case "+":
      return isThere ? interpolate(word, env) : "";
    case "?":
      if (!isThere)
        throw new InterpolationError(
          `the variable ${name} must be set: ${word === "" ? "the file requires it" : word}`,
        );
      return value;
    default:
      return value ?? "";
  }
}
