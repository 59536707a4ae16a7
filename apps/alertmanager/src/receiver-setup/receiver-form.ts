import type { YamlEdit } from "@narthex/config";

/** Settings of a kind of receiver that the form of the pages has. Names of settings are keys of alertmanager.yml. */
interface FormKind {
  /** Key of the integrations in a receiver. */
  readonly key: string;
  readonly texts: readonly string[];
  readonly flags: readonly string[];
  /** Key of the secret. With `_file` at its end, it is the key of the file with the secret. */
  readonly secret: string;
  /** Further keys of a secret, which a new secret replaces. */
  readonly otherSecrets: readonly string[];
}

export const FORM_KINDS = {
  email: {
    key: "email_configs",
    texts: ["to", "smarthost", "from", "auth_username"],
    flags: ["require_tls", "send_resolved"],
    secret: "auth_password",
    otherSecrets: ["auth_secret", "auth_secret_file", "auth_xoauth2", "auth_xoauth2_token_file"],
  },
  slack: {
    key: "slack_configs",
    texts: ["channel"],
    flags: ["send_resolved"],
    secret: "api_url",
    otherSecrets: ["app_token", "app_token_file", "app_url"],
  },
  webhook: { key: "webhook_configs", texts: [], flags: ["send_resolved"], secret: "url", otherSecrets: [] },
} as const satisfies Readonly<Record<string, FormKind>>;

export type FormKindName = keyof typeof FORM_KINDS;

export const isFormKind = (name: string): name is FormKindName => Object.hasOwn(FORM_KINDS, name);

/** The settings of a receiver with one integration. */
export interface ReceiverForm {
  readonly kind: FormKindName;
  /** Texts by key. An empty text is not set, so the value of `global` is used. */
  readonly texts: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** How the secret of a form is stored. */
export type StoredSecret =
  | { readonly kind: "unchanged" }
  /** In the configuration itself, for a text that is checked but not written. */
  | { readonly kind: "inline"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

/** Returns the values of flags that the configuration does not set. */
export type FlagDefaults = (kind: FormKindName, flag: string) => boolean;

/** Returns the index of a receiver in the file, or the number of receivers if no receiver has the name. */
export function receiverIndex(edit: YamlEdit, name: string): number {
  const count = edit.count(["receivers"]);
  for (let index = 0; index < count; index++) if (edit.text(["receivers", index, "name"]) === name) return index;
  return count;
}

/** Reads the form of a receiver. Undefined if the receiver has no integration, or others than one that forms have. */
export function readForm(
  edit: YamlEdit,
  index: number,
  kinds: readonly string[],
  defaults: FlagDefaults,
): ReceiverForm | undefined {
  const [kind = ""] = kinds;
  if (kinds.length !== 1 || !isFormKind(kind)) return undefined;
  const { key, texts, flags } = FORM_KINDS[kind];
  return {
    kind,
    texts: Object.fromEntries(texts.map((name) => [name, edit.text(["receivers", index, key, 0, name]) ?? ""])),
    flags: Object.fromEntries(
      flags.map((name) => [name, edit.flag(["receivers", index, key, 0, name]) ?? defaults(kind, name)]),
    ),
  };
}

/** Writes the form of a receiver into a configuration. Only values that differ from the current ones change. */
export function writeForm(
  edit: YamlEdit,
  name: string,
  {
    form,
    secret,
    before,
  }: { readonly form: ReceiverForm; readonly secret: StoredSecret; readonly before: ReceiverForm | undefined },
): void {
  const index = receiverIndex(edit, name);
  if (index === edit.count(["receivers"])) edit.set(["receivers", index, "name"], name);
  if (before !== undefined && before.kind !== form.kind) edit.remove(["receivers", index, FORM_KINDS[before.kind].key]);
  const kind: FormKind = FORM_KINDS[form.kind];
  const at = (key: string) => ["receivers", index, kind.key, 0, key] as const;
  const old = before?.kind === form.kind ? before : undefined;
  for (const key of kind.texts) {
    const text = form.texts[key] ?? "";
    if (text === (old?.texts[key] ?? "")) continue;
    if (text === "") edit.remove(at(key));
    else edit.set(at(key), text);
  }
  for (const key of kind.flags) {
    const flag = form.flags[key] ?? false;
    if (old === undefined || flag !== old.flags[key]) edit.set(at(key), flag);
  }
  if (secret.kind === "unchanged") return;
  const file = `${kind.secret}_file`;
  const [used, unused] = secret.kind === "inline" ? [kind.secret, file] : [file, kind.secret];
  for (const key of [unused, ...kind.otherSecrets]) if (edit.has(at(key))) edit.remove(at(key));
  edit.set(at(used), secret.kind === "inline" ? secret.text : secret.path);
}
