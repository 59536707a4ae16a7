/** A piece of a YAML line with the part it plays. */
export interface YamlToken {
  readonly kind: "key" | "string" | "number" | "word" | "comment" | "plain";
  readonly text: string;
}

const keyLine = /^(\s*(?:- )*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#:'"][^:#]*?)(:)(\s.*|)$/;

function scalar(text: string): YamlToken {
  const value = text.trim();
  if (value.startsWith("#")) return { kind: "comment", text };
  if (/^["']/.test(value)) return { kind: "string", text };
  if (/^-?\d+(?:\.\d+)?(?:ms|[smhdwy]|[KMGTPE]?i?B)?$/.test(value)) return { kind: "number", text };
  if (/^(?:true|false|null|~)$/.test(value)) return { kind: "word", text };
  if (value === "" || /^[[\]{}|>-]+[-+]?$/.test(value)) return { kind: "plain", text };
  return { kind: "string", text };
}

/** The pieces of one line. Together they are the line, letter for letter. */
export function yamlTokens(line: string): YamlToken[] {
  if (/^\s*#/.test(line)) return [{ kind: "comment", text: line }];
  const found = keyLine.exec(line);
  if (found !== null) {
    const [, indent = "", key = "", colon = "", rest = ""] = found;
    return [{ kind: "plain", text: indent }, { kind: "key", text: key }, { kind: "plain", text: colon }, scalar(rest)];
  }
  const item = /^(\s*(?:- )+)(.*)$/.exec(line);
  if (item !== null) return [{ kind: "plain", text: item[1] ?? "" }, scalar(item[2] ?? "")];
  return [scalar(line)];
}
