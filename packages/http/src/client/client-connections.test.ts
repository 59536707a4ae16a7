import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { type HttpClientConfig, parsePrometheusConfig } from "@narthex/config";
import { Authority, hasOpenssl, type KeyPair } from "@narthex/tls/testing";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { createHttpClient } from "./http-client.ts";

const folder = (): string => {
  const path = temporaryFolder();
  return path;
};

function section(fields: string): HttpClientConfig {
  const yaml = `scrape_configs: [{job_name: a, scheme: https, tls_config: {${fields}}}]`;
  const parsed = parsePrometheusConfig(yaml, "p.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error("not valid");
  return parsed.value.scrapeConfigs[0]!.httpClient;
}

/** Starts a server that answers with the name in the client's certificate. Returns the server's URL. */
async function naming(authority: Authority): Promise<string> {
  const terms = { ...authority.issue("server", "IP:127.0.0.1"), ca: authority.pair.cert, requestCert: true };
  const server = createServer(terms, (request, response) =>
    response.end(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.skipIf(!hasOpenssl()).each(["request", "download"] as const)(
  "%s() uses a certificate that was replaced in place, and continues with the last valid one while the key does not match",
  async (method) => {
    using authority = new Authority("authority");
    const dir = folder();
    const write = ({ cert, key }: Partial<KeyPair>): void => {
      if (cert !== undefined) writeFileSync(join(dir, "cert.pem"), cert);
      if (key !== undefined) writeFileSync(join(dir, "key.pem"), key);
    };
    writeFileSync(join(dir, "ca.pem"), authority.pair.cert);
    write(authority.issue("first"));
    const url = await naming(authority);
    const path = (name: string): string => JSON.stringify(join(dir, name));
    const fields = `ca_file: ${path("ca.pem")}, cert_file: ${path("cert.pem")}, key_file: ${path("key.pem")}`;
    const clock = new ManualClock(Date.now());
    const logger = memoryLogger();
    const client = await createHttpClient(section(fields), { clock, logger });
    onTestFinished(() => client.close());
    const name = async (): Promise<string> => {
      if (method === "request") return (await client.request(url)).body.text();
      const chunks: Uint8Array[] = [];
      const sink = {
        begin: () => undefined,
        write: (bytes: Buffer, from: number, to: number) => void chunks.push(Buffer.from(bytes.subarray(from, to))),
      };
      await client.download!(url, {}, sink).answer;
      return Buffer.concat(chunks).toString();
    };
    expect([await name(), await name()]).toEqual(["first", "first"]);
    const second = authority.issue("second");
    write({ cert: second.cert });
    for (let i = 0; i < 3; i++) {
      await clock.advance(5000);
      expect(await name()).toBe("first");
    }
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn"]);
    write({ key: second.key });
    // Expects the old certificate, because the client checks its TLS files only every five seconds.
    expect(await name()).toBe("first");
    await clock.advance(5000);
    expect(await name()).toBe("second");
    expect(logger.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
  },
);

test.skipIf(!hasOpenssl()).each(["request", "download"] as const)(
  "a long %s() continues after certificates were replaced, and idle connections end",
  async (method) => {
    using authority = new Authority("authority");
    const dir = folder();
    const { cert, key } = authority.issue("server", "IP:127.0.0.1");
    writeFileSync(join(dir, "ca.pem"), authority.pair.cert);
    let finish = (): void => undefined;
    let open = 0;
    const server = createServer({ cert, key }, (request, response) => {
      if (request.url !== "/long") return void response.end("short");
      response.write("begin");
      finish = () => response.end(" end");
    });
    server.on("secureConnection", (socket) => {
      open++;
      socket.on("close", () => open--);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = new ManualClock(Date.now());
    const client = await createHttpClient(section(`ca_file: ${JSON.stringify(join(dir, "ca.pem"))}`), { clock });
    onTestFinished(async () => {
      await client.close();
      server.closeAllConnections();
      server.close();
    });
    const begun = Promise.withResolvers<void>();
    const read = async (path: string): Promise<string> => {
      if (method === "request") {
        const { body } = await client.request(url + path);
        begun.resolve();
        return body.text();
      }
      const chunks: Uint8Array[] = [];
      const sink = {
        begin: () => undefined,
        write(bytes: Buffer, from: number, to: number) {
          chunks.push(Buffer.from(bytes.subarray(from, to)));
          begun.resolve();
        },
      };
      await client.download!(url + path, {}, sink).answer;
      return Buffer.concat(chunks).toString();
    };
    const long = read("/long");
    await begun.promise;
    writeFileSync(join(dir, "ca.pem"), `${authority.pair.cert}\n`);
    await clock.advance(5000);
    expect(await read("/short")).toBe("short");
    expect(open).toBe(2);
    await clock.advance(60 * 60_000);
    finish();
    expect(await long).toBe("begin end");
    await expect.poll(() => open).toBe(1);
    expect(await read("/short")).toBe("short");
  },
);
