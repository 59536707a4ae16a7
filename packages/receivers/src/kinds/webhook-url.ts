import { field, optional, type Places, type Report, type Secret, text } from "@narthex/config";
import type { Attempt } from "../attempt.ts";
import { secretUrl } from "../http/web-url.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";

/** URL of a chat's webhook: a secret, or a file that contains it. */
export interface WebhookUrl {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string;
}

/** The fields of both. */
export const webhookUrlFields = {
  webhookUrl: optional("webhook_url", secretUrl),
  webhookUrlFile: field("webhook_url_file", text, ""),
};

/** Reports if both are given. */
export function checkExactlyOneUrl(value: WebhookUrl, at: Places<WebhookUrl>, report: Report): boolean {
  if (value.webhookUrl === undefined || value.webhookUrlFile === "") return true;
  const message = conflictingSecretSources("webhook_url");
  report(at.webhookUrlFile, "two-sources", message, "keep one of the two");
  return false;
}

/** Reports if both or neither are given. */
export function checkWebhookUrl(value: WebhookUrl, at: Places<WebhookUrl>, report: Report): boolean {
  if (hasWebhookUrl(value)) return checkExactlyOneUrl(value, at, report);
  report(at.self, "webhook-url", "one of webhook_url or webhook_url_file must be configured", "add webhook_url");
  return false;
}

/** Reports whether either is given. */
export const hasWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl): boolean =>
  isSecretSet(webhookUrl, webhookUrlFile);

/** Returns the URL; the file is read each time. Throws PermanentError. */
export const readWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl, attempt: Attempt): Promise<string> =>
  secretFrom(attempt, [webhookUrl, webhookUrlFile], "read webhook_url_file");
