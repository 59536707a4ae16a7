import { field, optional, type FieldPositions, type Report, type Secret, text } from "@narthex/config";
import type { Attempt } from "../attempt.ts";
import { secretUrl } from "../http/web-url.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";

/** URL of a chat's webhook: either a secret or the path of a file that contains it. */
export interface WebhookUrl {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string;
}

/** Codecs of the two fields. */
export const webhookUrlFields = {
  webhookUrl: optional("webhook_url", secretUrl),
  webhookUrlFile: field("webhook_url_file", text, ""),
};

/** Checks that not both are given, and reports an error if they are. */
export function checkExactlyOneUrl(value: WebhookUrl, at: FieldPositions<WebhookUrl>, report: Report): boolean {
  if (value.webhookUrl === undefined || value.webhookUrlFile === "") return true;
  const message = conflictingSecretSources("webhook_url");
  report(at.webhookUrlFile, "two-sources", message, "keep one of the two");
  return false;
}

/** Checks that exactly one is given, and reports an error otherwise. */
export function checkWebhookUrl(value: WebhookUrl, at: FieldPositions<WebhookUrl>, report: Report): boolean {
  if (hasWebhookUrl(value)) return checkExactlyOneUrl(value, at, report);
  report(at.self, "webhook-url", "one of webhook_url or webhook_url_file must be configured", "add webhook_url");
  return false;
}

/** Reports whether at least one is given. */
export const hasWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl): boolean =>
  isSecretSet(webhookUrl, webhookUrlFile);

/** Returns the URL. A file is read each time. Throws PermanentError if it cannot be read. */
export const readWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl, attempt: Attempt): Promise<string> =>
  secretFrom(attempt, [webhookUrl, webhookUrlFile], "read webhook_url_file");
