import type { FakeSmtp } from "@narthex/receivers/testing";

/** Returns the text of a mail with the encoding of its parts removed. */
export const decodedMail = (message: string): string =>
  message
    .replaceAll(/=\r?\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Waits until a fake mail server has received `count` mails. Returns the link in the last one. */
export async function linkInMail({ mails }: FakeSmtp, count: number): Promise<string> {
  while (mails.length < count) await new Promise((resolve) => setImmediate(resolve));
  return /https?:\/\/\S+\/(?:invite\/|user\/password\/reset\?code=)[\w-]+/.exec(decodedMail(mails.at(-1)!.message))![0];
}

/** Returns the environment variables that make the dashboards server send its mails to a fake mail server. */
export const mailSettings = ({ port }: Pick<FakeSmtp, "port">): Readonly<Record<string, string>> => ({
  GF_SMTP_ENABLED: "true",
  GF_SMTP_HOST: `127.0.0.1:${port}`,
  GF_SMTP_FROM_ADDRESS: "dashboards@example.org",
  GF_SMTP_FROM_NAME: "Dashboards",
  GF_SERVER_ROOT_URL: "https://monitoring.example.org/grafana/",
});
