import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { Authority } from "../../support/certificates.ts";
import { eventually, Fatal } from "../../support/eventually.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { AWS, CheckingReceiver, CLIENT, HIDDEN_HOST, PROXY_USER } from "./checking-receiver.ts";

const PATHS = ["/basic", "/bearer", "/oauth2", "/proxied", "/sigv4", "/tls"];

function configOf({ ports }: CheckingReceiver, files: Readonly<Record<"ca" | "cert" | "key", string>>): string {
  const plain = `http://127.0.0.1:${ports.plain}`;
  const entries = [
    `url: "${plain}/basic", basic_auth: {username: user, password: word}`,
    `url: "${plain}/bearer", authorization: {credentials: secret}`,
    `url: "${plain}/oauth2", oauth2: {client_id: ${CLIENT.id}, client_secret: ${CLIENT.secret}, scopes: [${CLIENT.scope}], token_url: "${plain}/token"}`,
    `url: "http://${HIDDEN_HOST}/proxied", proxy_url: "http://${PROXY_USER}@127.0.0.1:${ports.proxy}"`,
    `url: "${plain}/sigv4", sigv4: {region: ${AWS.region}, access_key: ${AWS.access}, secret_key: ${AWS.secret}}`,
    `url: "https://127.0.0.1:${ports.tls}/tls", tls_config: {ca_file: ${files.ca}, cert_file: ${files.cert}, key_file: ${files.key}}`,
  ];
  const queue = "queue_config: {batch_send_deadline: 50ms}, metadata_config: {send: false}";
  return `remote_write:\n${entries.map((entry) => `  - {${entry}, ${queue}}\n`).join("")}`;
}

test.skipIf(lacks("peers")).each<Kind>(["narthex", "prometheus"])(
  "requests of %s are signed, have a token or a certificate, or use a proxy, as their destination is configured",
  async (kind) => {
    using workplace = new Workplace();
    const authority = new Authority(workplace.folder, "authority");
    const client = authority.issue({ name: "sender" });
    const files = {
      ca: workplace.write("ca.pem", authority.pair.cert),
      cert: workplace.write("client.pem", client.cert),
      key: workplace.write("client.key", client.key),
    };
    await using receiver = await CheckingReceiver.open(authority);
    const config = configOf(receiver, files);
    await using server = await serve(kind, workplace, "data", {
      config,
      flags: ["--web.enable-remote-write-receiver"],
    });
    // Sends to each destination three times, to test that a token is requested once and that a connection is reused.
    for (let round = 1; round <= 3; round++) {
      const labels = Labels.of({ __name__: "sent" });
      const values = Float64Array.of(round);
      await eventually(`round ${round} is there`, async () => {
        // The sample has the current time, because a remote write queue does not send samples from before its start.
        await remoteWrite(server.base, [{ labels, timestamps: [Date.now()], values, histograms: [] }]);
        if (receiver.problems.length > 0) throw new Fatal(receiver.problems.join("\n"));
        expect([...receiver.taken.keys()].toSorted()).toEqual(PATHS);
        expect(Math.min(...receiver.taken.values())).toBeGreaterThanOrEqual(round);
      });
    }
  },
);
