import { readFileSync } from "node:fs";
import { request } from "node:https";
import { request as plainRequest } from "node:http";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { main } from "../main.ts";
import { makeCertificate } from "../testing/certificate.ts";
import { withRole } from "../testing/running-role.ts";

test("main() uses TLS with the configured certificate, and does not start without one", async ({ skip }) => {
  const folder = temporaryFolder();
  if (!makeCertificate(folder, "localhost")) skip("openssl is missing");
  const env = { GF_SERVER_PROTOCOL: "https", GF_SERVER_CERT_FILE: "c.pem", GF_SERVER_CERT_KEY: "k.pem" };
  await withRole({ env, folder }, async ({ url }) => {
    const status = await new Promise((answer, reject) => {
      const options = { ca: readFileSync(join(folder, "c.pem")), servername: "localhost", agent: false as const };
      request(`${url.replace("http:", "https:")}/api/health`, { ...options }, (response) => {
        response.resume();
        answer(response.statusCode);
      })
        .once("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
  const host = testHost(["--web.listen-address=127.0.0.1:0"], {
    env: { GF_PATHS_DATA: folder, GF_SERVER_PROTOCOL: "https" },
  });
  expect([await main(host), host.output.stderr]).toEqual([1, expect.stringContaining("needs server.cert_file")]);
});

test("main() redirects requests for other host names to its own address if this is configured", async () => {
  const env = { GF_SERVER_ENFORCE_DOMAIN: "true", GF_SERVER_DOMAIN: "own.example" };
  await withRole({ env }, async ({ url }) => {
    const ask = (path: string, host: string): Promise<readonly [number | undefined, string | undefined]> =>
      new Promise((answer, reject) => {
        plainRequest(url + path, { headers: { host }, agent: false }, (response) => {
          response.resume();
          answer([response.statusCode, response.headers.location]);
        })
          .once("error", reject)
          .end();
      });
    expect(await ask("/d/x?a=b", "evil.example:3000")).toEqual([301, "http://own.example:3000/d/x?a=b"]);
    expect((await ask("/api/search", "OWN.example:3000"))[0]).toBe(401);
    expect((await ask("/api/health", "10.0.0.1"))[0]).toBe(200);
  });
});
