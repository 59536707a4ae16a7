/*
 * The form of each kind of receiver. The server's table is FORM_KINDS in
 * apps/alertmanager/src/receiver-setup/receiver-form.ts. To add a kind:
 * 1. Add it to FORM_KINDS, with the keys that the server reads and writes.
 * 2. Add its name to ReceiverKind in src/api/receiver-setup.ts.
 * 3. Add it to KIND_FIELDS below. The keys of the fields are `texts` of the server, the key of the secret is `secret`.
 * 4. Describe it on a page of docs/, and name the page in `docs`.
 */
import type { ReceiverKind } from "../../api/receiver-setup.ts";

interface KindField {
  /** Key of alertmanager.yml. */
  readonly key: string;
  readonly label: string;
  readonly placeholder: string;
  readonly isRequired: boolean;
  readonly description?: string;
}

/** The fields of the form for a kind of receiver. */
interface FormKind {
  readonly label: string;
  /** Key of the integrations in alertmanager.yml. */
  readonly list: string;
  readonly fields: readonly KindField[];
  readonly secret: {
    readonly key: string;
    readonly label: string;
    readonly isRequired: boolean;
    readonly description: string;
  };
  readonly hasEncryption: boolean;
  /** Page of the documentation. */
  readonly docs: string;
}

export const KIND_FIELDS: Readonly<Record<ReceiverKind, FormKind>> = {
  email: {
    label: "E-mail",
    list: "email_configs",
    fields: [
      { key: "to", label: "To", placeholder: "you@example.org", isRequired: true },
      {
        key: "smarthost",
        label: "Mail server",
        placeholder: "mail.example.org:587",
        isRequired: true,
        description: "Name and port: usually 587, or 465 for TLS from the start.",
      },
      { key: "from", label: "From", placeholder: "alerts@example.org", isRequired: true },
      { key: "auth_username", label: "User", placeholder: "alerts@example.org", isRequired: false },
    ],
    secret: { key: "auth_password", label: "Password", isRequired: false, description: "" },
    hasEncryption: true,
    docs: "alert-email",
  },
  slack: {
    label: "Slack",
    list: "slack_configs",
    fields: [
      {
        key: "channel",
        label: "Channel",
        placeholder: "#alerts",
        isRequired: false,
        description: "Empty for the channel of the webhook.",
      },
    ],
    secret: {
      key: "api_url",
      label: "Webhook URL",
      isRequired: true,
      description: "From https://api.slack.com/apps → Incoming Webhooks.",
    },
    hasEncryption: false,
    docs: "alert-slack",
  },
  webhook: {
    label: "Webhook",
    list: "webhook_configs",
    fields: [],
    secret: { key: "url", label: "URL", isRequired: true, description: "Gets the alerts as JSON." },
    hasEncryption: false,
    docs: "alerts",
  },
};
