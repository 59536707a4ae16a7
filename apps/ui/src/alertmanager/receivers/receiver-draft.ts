import type { ReceiverChange, ReceiverKind, StoredReceiver } from "../../api/receiver-setup.ts";
import { KIND_FIELDS } from "./receiver-kinds.ts";

/** A receiver in the form. */
export interface ReceiverDraft {
  readonly name: string;
  readonly kind: ReceiverKind;
  /** Values of the fields of all kinds, by key. */
  readonly texts: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly requireTls: boolean;
  readonly sendResolved: boolean;
  readonly isDefault: boolean;
}

/**
 * Returns the draft for a stored receiver, or for a new one.
 * @param isDefault whether a new receiver becomes the default one
 */
export function draftOf(stored: StoredReceiver | undefined, isDefault: boolean): ReceiverDraft {
  const { form } = stored ?? {};
  return {
    name: stored?.name ?? "",
    kind: form?.kind ?? "email",
    texts: form?.texts ?? {},
    secret: "",
    requireTls: form?.flags["require_tls"] ?? true,
    sendResolved: form?.flags["send_resolved"] ?? true,
    isDefault: stored?.isDefault ?? isDefault,
  };
}

const textAt = ({ texts }: ReceiverDraft, key: string): string => (texts[key] ?? "").trim();

/** Returns the request that saves or tests a draft. */
export function changeOf(draft: ReceiverDraft): ReceiverChange {
  const { name, kind, secret, requireTls, sendResolved, isDefault } = draft;
  const { fields, hasEncryption } = KIND_FIELDS[kind];
  return {
    name: name.trim(),
    // White space at the ends of a password can belong to it. The server refuses texts that it cannot store.
    secret,
    isDefault,
    form: {
      kind,
      texts: Object.fromEntries(fields.map(({ key }) => [key, textAt(draft, key)])),
      flags: { send_resolved: sendResolved, ...(hasEncryption && { require_tls: requireTls }) },
    },
  };
}

/**
 * Returns the labels of the required fields that are empty.
 * @param inherited values that a receiver gets without its own
 * @param hasSecret whether the receiver has a secret already
 */
export function missingFields(
  draft: ReceiverDraft,
  inherited: Readonly<Record<string, string>>,
  hasSecret: boolean,
): readonly string[] {
  const { fields, secret } = KIND_FIELDS[draft.kind];
  const isMissing = ({ key, isRequired }: (typeof fields)[number]): boolean =>
    isRequired && textAt(draft, key) === "" && (inherited[key] ?? "") === "";
  return [
    ...(draft.name.trim() === "" ? ["Name"] : []),
    ...fields.filter(isMissing).map(({ label }) => label),
    ...(secret.isRequired && !hasSecret && draft.secret === "" ? [secret.label] : []),
  ];
}

/** Writes a text of YAML. Quotes are always correct. */
const quoted = (text: string): string => JSON.stringify(text);

/** Returns the lines of alertmanager.yml that make the receiver. The secret is in a file of its own. */
export function linesOf(draft: ReceiverDraft): string {
  const { list, fields, secret, hasEncryption } = KIND_FIELDS[draft.kind];
  const settings = [
    ...fields.map(({ key, placeholder, isRequired }) => [key, textAt(draft, key) || (isRequired ? placeholder : "")]),
    [`${secret.key}_file`, secret.isRequired || textAt(draft, "auth_username") !== "" ? "/path/to/a/file" : ""],
  ].filter(([, text]) => text !== "");
  const lines = [
    ...settings.map(([key, text]) => `${key}: ${quoted(text!)}`),
    ...(hasEncryption && !draft.requireTls ? ["require_tls: false"] : []),
    `send_resolved: ${draft.sendResolved}`,
  ];
  const name = quoted(draft.name.trim() || "on-call");
  return [
    ...(draft.isDefault ? ["route:", `  receiver: ${name}`] : []),
    "receivers:",
    `  - name: ${name}`,
    `    ${list}:`,
    ...lines.map((line, index) => `      ${index === 0 ? "- " : "  "}${line}`),
    "",
  ].join("\n");
}
