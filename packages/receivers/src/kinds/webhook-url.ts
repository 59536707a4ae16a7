import { field, optional, type FieldPositions, type Report, type Secret, text } from "@narthex/config";
import type { Attempt } from "../attempt.ts";
import { secretUrl } from "../http/web-url.ts";
import { isSecretSet, secretFrom, conflictingSecretSources } from "../secret-source.ts";

/** URL of a chat service's webhook: either a secret, or the path of a file that contains it. */
export interface WebhookUrl {
  readonly webhookUrl: Secret | undefined;
  readonly webhookUrlFile: string;
}

export const webhookUrlFields = {
  webhookUrl: optional("webhook_url", secretUrl),
  webhookUrlFile: field("webhook_url_file", text, ""),
};

/** Reports an error if both a URL and a file with the URL are given. */
export function checkExactlyOneUrl(value: WebhookUrl, at: FieldPositions<WebhookUrl>, report: Report): boolean {
  if (value.webhookUrl === undefined || value.webhookUrlFile === "") return true;
  const message = conflictingSecretSources("webhook_url");
  report(at.webhookUrlFile, "two-sources", message, "keep one of the two");
  return false;
}

/** Reports an error unless exactly one of a URL and a file with the URL is given. */
export function checkWebhookUrl(value: WebhookUrl, at: FieldPositions<WebhookUrl>, report: Report): boolean {
  if (hasWebhookUrl(value)) return checkExactlyOneUrl(value, at, report);
  report(at.self, "webhook-url", "one of webhook_url or webhook_url_file must be configured", "add webhook_url");
  return false;
}

export const hasWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl): boolean =>
  isSecretSet(webhookUrl, webhookUrlFile);

/**
 * Returns the URL from the configuration or its file, which is read each time. Throws PermanentError if the file cannot
 * be read.
 */
export const readWebhookUrl = ({ webhookUrl, webhookUrlFile }: WebhookUrl, attempt: Attempt): Promise<string> =>
  secretFrom(attempt, [webhookUrl, webhookUrlFile], "read webhook_url_file");
