import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { Authority, hasOpenssl, type KeyPair } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { access } from "./access.ts";
import { createHttpServer } from "./server.ts";

const folder = temporaryFolder();

const ask = (port: number, ca: string, identity?: KeyPair): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", servername: "localhost", port, ca, agent: false as const, ...identity };
    request(options, (response) => {
      response.setEncoding("utf8").once("data", resolve);
    })
      .once("error", reject)
      .end();
  });

test.skipIf(!hasOpenssl()).each([
  ["VerifyClientCertIfGiven", ["anonymous ", "certificate client.test", "certificate nameless"]],
  // Expects an anonymous sender, because a certificate that was not verified does not identify the client.
  ["RequestClientCert", ["anonymous ", "anonymous ", "anonymous "]],
])("under %s a request comes from whom its certificate names", async (type, expected) => {
  using authority = new Authority("own");
  const { cert, key } = authority.issue("server", "DNS:localhost");
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = { cert: file("c.pem", cert), key: file("k.pem", key), ca: file("ca.pem", authority.pair.cert) };
  const settings = `cert_file: ${files.cert}, key_file: ${files.key}, client_ca_file: ${files.ca}, client_auth_type: ${type}`;
  const server = await createHttpServer({
    listen: ["127.0.0.1:0"],
    webConfigFile: file("web.yml", `tls_server_config: {${settings}}\n`),
    clock: systemClock,
    logger: memoryLogger(),
  });
  server.app.get("/", access("read"), async ({ principal }) => `${principal.kind} ${principal.name}`);
  const [address] = await server.start();
  const port = Number(address!.split(":").at(-1));
  const clients = [undefined, authority.issue("client", "DNS:client.test"), authority.issue("nameless")];
  try {
    const reported: string[] = [];
    for (const client of clients) reported.push(await ask(port, authority.pair.cert, client));
    expect(reported).toEqual(expected);
  } finally {
    await server.stop();
  }
});
