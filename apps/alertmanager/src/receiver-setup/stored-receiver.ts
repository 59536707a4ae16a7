import type { AlertmanagerConfig } from "@narthex/alertmanager-config";
import type { YamlEdit } from "@narthex/config";
import type { ReceiverConfig } from "@narthex/receivers";
import { FORM_KINDS, type FormKindName, readForm, type ReceiverForm, receiverIndex } from "./receiver-form.ts";
import { hasSecret } from "./secret-destination.ts";

/** A receiver as the page that changes receivers shows it. */
export interface ReceiverView {
  readonly name: string;
  /** Whether the root route names it. */
  readonly isDefault: boolean;
  /** Whether a route names it. Such a receiver cannot be deleted. */
  readonly isUsed: boolean;
  /** Undefined if the receiver has no integration, or if `reason` says why the form cannot change it. */
  readonly form?: ReceiverForm & { readonly hasSecret: boolean };
  readonly reason?: string;
}

/** Reason for parts of a file that pages do not change. */
export const SHARED = "The receiver uses anchors, aliases or tags of YAML. Change it in the file.";

/** Returns the form of a receiver, or the reason for its absence. Neither if the receiver has no integration. */
export function formView(
  edit: YamlEdit,
  config: AlertmanagerConfig,
  receiver: ReceiverConfig,
): Pick<ReceiverView, "form" | "reason"> {
  if (!isPlainReceiver(edit, receiver.name)) return { reason: SHARED };
  if (receiver.integrations.length === 0) return {};
  const form = readForm(
    edit,
    receiverIndex(edit, receiver.name),
    receiver.integrations.map(({ kind: { kind } }) => kind),
    (kind, flag) => defaultFlag(config, kind, flag),
  );
  if (form === undefined)
    return { reason: `The form has one of ${Object.keys(FORM_KINDS).join(", ")}. Change this receiver in the file.` };
  return { form: { ...form, hasSecret: hasSecret(form.kind, receiver.integrations[0]!) } };
}

/** Returns the value of a flag that a receiver does not set. */
const defaultFlag = ({ global }: AlertmanagerConfig, kind: FormKindName, flag: string): boolean =>
  flag === "require_tls" ? global.smtpRequireTls : kind === "webhook";

/** Returns whether a page can change or remove a receiver without a change elsewhere. */
export function isPlainReceiver(edit: YamlEdit, name: string): boolean {
  const index = receiverIndex(edit, name);
  return index < edit.count(["receivers"]) && edit.isPlain(["receivers", index]);
}
