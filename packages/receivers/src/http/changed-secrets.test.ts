import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { openReceiver } from "../testing/open-receiver.ts";

/**
 * For each kind of receiver, a configuration whose secret is in a file. With `isUrl`, the secret is a URL: the test
 * server's URL with the secret as its path.
 */
test.each<[kind: string, key: string, fields: (file: string, url: string) => string, isUrl?: boolean]>([
  ["opsgenie", "api_key_file", (file, url) => `api_url: '${url}', api_key_file: '${file}'`],
  ["slack", "api_url_file", (file) => `channel: c, api_url_file: '${file}'`, true],
  ["slack", "app_token_file", (file, url) => `channel: c, app_token_file: '${file}', app_url: '${url}'`],
  [
    "webhook",
    "credentials_file",
    (file, url) => `url: '${url}', http_config: {authorization: {credentials_file: '${file}'}}`,
  ],
  [
    "webhook",
    "password_file",
    (file, url) => `url: '${url}', http_config: {basic_auth: {username: u, password_file: '${file}'}}`,
  ],
  ["webhook", "files", (file, url) => `url: '${url}', http_config: {http_headers: {X-Token: {files: ['${file}']}}}`],
])("%s: a changed file of %s takes effect with the next notification", async (kind, _key, fields, isUrl) => {
  const folder = temporaryFolder();
  const file = join(folder, "secret");
  await using sink = await httpSink({ body: '{"ok": true}', headers: { "content-type": "application/json" } });
  const secrets = ["first", "other"];
  const write = (secret: string): void => writeFileSync(file, `${isUrl === true ? `${sink.url}/${secret}` : secret}\n`);
  write("first");
  await using receiver = await openReceiver(`{name: all, ${kind}_configs: [{${fields(file, sink.url)}}]}`);
  for (const secret of secrets) {
    write(secret);
    // oxlint-disable-next-line no-await-in-loop -- one secret after the other
    expect(await receiver.deliver()).toEqual({ kind: "sent" });
  }
  const shown = sink.requests.map(({ url, headers }) => {
    const authorization = headers.authorization ?? "";
    const isBasic = authorization.startsWith("Basic ");
    return `${url} ${isBasic ? atob(authorization.slice(6)) : authorization} ${String(headers["x-token"])}`;
  });
  expect(shown).toHaveLength(2);
  expect(secrets.filter((secret, i) => shown[i]!.includes(secret))).toEqual(secrets);
});
