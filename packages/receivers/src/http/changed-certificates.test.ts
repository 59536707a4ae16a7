import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { Authority, hasOpenssl } from "@narthex/tls/testing";
import { expect, onTestFinished, test } from "vitest";
import { openReceiver } from "../testing/open-receiver.ts";

test.skipIf(!hasOpenssl())(
  "a changed certificate that cannot be used is logged, and notifications continue with the last valid one",
  async () => {
    using authority = new Authority("authority");
    const dir = temporaryFolder();
    const write = (name: string, text: string): string => {
      writeFileSync(join(dir, name), text);
      return join(dir, name);
    };
    const first = authority.issue("first");
    const [ca, cert, key] = [write("ca", authority.pair.cert), write("cert", first.cert), write("key", first.key)];
    const terms = { ...authority.issue("server", "IP:127.0.0.1"), ca: authority.pair.cert, requestCert: true };
    const server = createServer(terms, (_request, response) => void response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const http = `{tls_config: {ca_file: '${ca}', cert_file: '${cert}', key_file: '${key}'}}`;

    const [clock, logger] = [new ManualClock(Date.now()), memoryLogger()];
    const yaml = `{name: all, webhook_configs: [{url: '${url}', http_config: ${http}}]}`;
    await using receiver = await openReceiver(yaml, { clock, logger });
    expect(await receiver.deliver()).toMatchObject({ kind: "sent" });
    write("cert", authority.issue("second").cert);
    await clock.advance(5000);
    expect(await receiver.deliver()).toMatchObject({ kind: "sent" });
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
  },
);
