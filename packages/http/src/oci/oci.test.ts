import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, verify, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { CloudAnswer, CloudTransport } from "../client/cloud-transport.ts";
import { InstancePrincipal } from "./instance-principal.ts";
import { ociHost } from "./oci-host.ts";
import { ociSigner } from "./oci-signature.ts";

const NOW = Date.UTC(2014, 0, 5, 21, 31, 40);

test("a request is signed with its date, target, host and body", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const sign = ociSigner(
    () => Promise.resolve({ keyId: "t/u/f", privateKey }),
    () => NOW,
  );
  const url = new URL("https://iaas.us-phoenix-1.oraclecloud.com/20160918/instances?compartmentId=a%3Ab&limit=1");
  const get = await sign({ method: "GET", url, headers: { accept: "*/*" }, body: undefined });
  expect(get).toMatchObject({ accept: "*/*", date: "Sun, 05 Jan 2014 21:31:40 GMT" });
  const [, head, signature] = /^(.*),signature="(.*)"$/.exec(get["authorization"]!)!;
  expect(head).toBe('Signature version="1",headers="date (request-target) host",keyId="t/u/f",algorithm="rsa-sha256"');
  const text =
    "date: Sun, 05 Jan 2014 21:31:40 GMT\n(request-target): get /20160918/instances?compartmentId=a%3Ab&limit=1\n" +
    "host: iaas.us-phoenix-1.oraclecloud.com";
  expect(verify("sha256", Buffer.from(text), publicKey, Buffer.from(signature!, "base64"))).toBe(true);
  const post = await sign({ method: "POST", url, headers: {}, body: "ä" });
  expect(post["authorization"]).toContain(
    'headers="date (request-target) host content-length content-type x-content-sha256"',
  );
  expect(post).toMatchObject({
    "content-length": "2",
    "content-type": "application/json",
    "x-content-sha256": createHash("sha256").update("ä").digest("base64"),
  });
});

test.each([
  ["eu-frankfurt-1", {}, "iaas.eu-frankfurt-1.oraclecloud.com"],
  ["FRA", {}, "iaas.eu-frankfurt-1.oraclecloud.com"],
  ["us-gov-ashburn-1", { OCI_DEFAULT_REALM: "x" }, "iaas.us-gov-ashburn-1.oraclegovcloud.com"],
  ["us-phoenix-1", { OCI_DEFAULT_REALM: "x" }, "iaas.us-phoenix-1.oraclecloud.com"],
  ["xx-new-1", {}, "iaas.xx-new-1.oraclecloud.com"],
  ["xx-new-1", { OCI_DEFAULT_REALM: "example.org" }, "iaas.xx-new-1.example.org"],
  ["private.example.org", {}, "iaas.private.example.org"],
])("the compute service of region %s with %j is %s", (region, env, host) => {
  expect(ociHost("iaas", region, env)).toBe(host);
});

/** Creates the key and the certificate of a machine. */
function machine(tenancy: string) {
  const folder = temporaryFolder();
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = `/O=opc-device:1/OU=opc-tenant:${tenancy}/CN=ocid1.instance.oc1..1`;
  const of = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject];
  execFileSync("openssl", [...of, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
}

const jwt = (exp: number): string =>
  ["{}", JSON.stringify({ exp }), "signature"].map((part) => Buffer.from(part).toString("base64url")).join(".");

interface Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Simulates the metadata server of a machine and Oracle's token server. */
class Oracle {
  readonly exchanges: Exchange[] = [];
  machine = machine("ocid1.tenancy.oc1..a");
  answer = (): { status: number; text: string } => ({
    status: 200,
    text: JSON.stringify({ token: jwt(NOW / 1000 + 1200) }),
  });

  readonly send: CloudTransport = (url, { headers, body }) => {
    const text = (status: number, content: string): Promise<CloudAnswer> =>
      Promise.resolve({ status, headers: {}, text: content });
    if (url.startsWith("http://169.254.169.254/opc/v2/")) {
      if (headers["authorization"] !== "Bearer Oracle") return text(401, "");
      if (url.endsWith("/instance/region")) return text(200, "fra");
      return text(200, url.endsWith("/key.pem") ? this.machine.key : this.machine.certificate);
    }
    this.exchanges.push({ url, headers, body: body! });
    const { status, text: content } = this.answer();
    return text(status, content);
  };
}

test("a machine exchanges its certificate for a token, and the token for another before it expires", async () => {
  const oracle = new Oracle();
  let now = NOW;
  const principal = await InstancePrincipal.open({ env: {}, send: oracle.send, now: () => now });
  expect([principal.region, principal.tenancy]).toEqual(["fra", "ocid1.tenancy.oc1..a"]);
  const key = await principal.key();
  expect(key.keyId).toBe(`ST$${jwt(NOW / 1000 + 1200)}`);
  expect(await principal.key()).toBe(key);
  const [{ url, headers, body }] = oracle.exchanges as [Exchange];
  expect(url).toBe("https://auth.eu-frankfurt-1.oraclecloud.com/v1/x509");
  const certificate = new X509Certificate(oracle.machine.certificate);
  const names = "date (request-target) content-length content-type x-content-sha256";
  expect(headers["authorization"]).toContain(
    `headers="${names}",keyId="ocid1.tenancy.oc1..a/fed-x509-sha256/${certificate.fingerprint256.toLowerCase()}"`,
  );
  const sent = JSON.parse(body) as Record<string, string>;
  expect(sent["certificate"]).toBe(certificate.raw.toString("base64"));
  expect(sent).toMatchObject({ intermediateCertificates: [sent["certificate"]], fingerprintAlgorithm: "SHA256" });
  const text = `date: ${headers["date"]}\n(request-target): post /v1/x509\ncontent-length: ${body.length}\ncontent-type: application/json\nx-content-sha256: ${createHash("sha256").update(body).digest("base64")}`;
  const signature = Buffer.from(/signature="(.*)"$/.exec(headers["authorization"]!)![1]!, "base64");
  expect(verify("sha256", Buffer.from(text), createPublicKey(oracle.machine.certificate), signature)).toBe(true);
  const published = createPublicKey({ key: Buffer.from(sent["publicKey"]!, "base64"), format: "der", type: "spki" });
  expect(createPublicKey(key.privateKey).equals(published)).toBe(true);
  now += 899_999;
  await principal.key();
  expect(oracle.exchanges).toHaveLength(1);
  now += 1;
  expect(await principal.key()).not.toBe(key);
  expect(oracle.exchanges).toHaveLength(2);
});

test.each([
  [403, "no policy", "auth.eu-frankfurt-1.oraclecloud.com issues no token: HTTP status 403: no policy"],
  [200, '{"token": ', "the answer does not contain a token"],
  [200, "{}", "the answer does not contain a token"],
])(
  "an answer of the token server with status %s and %j is reported, and the next request asks again",
  async (status, text, message) => {
    const oracle = new Oracle();
    const { answer } = oracle;
    oracle.answer = () => ({ status, text });
    const principal = await InstancePrincipal.open({ env: {}, send: oracle.send, now: () => NOW });
    await expect(principal.key()).rejects.toThrow(message);
    oracle.answer = answer;
    expect((await principal.key()).keyId).toMatch(/^ST\$/);
  },
);

test("a certificate of another tenancy is refused, and so is a machine outside of Oracle Cloud", async () => {
  const oracle = new Oracle();
  const principal = await InstancePrincipal.open({ env: {}, send: oracle.send, now: () => NOW });
  oracle.machine = machine("ocid1.tenancy.oc1..b");
  await expect(principal.key()).rejects.toThrow("the machine now belongs to the tenancy ocid1.tenancy.oc1..b: reload");
  const elsewhere = InstancePrincipal.open({
    env: { OCI_METADATA_BASE_URL: "http://127.0.0.1:1/opc" },
    send: () => Promise.resolve({ status: 404, headers: {}, text: "" }),
    now: () => NOW,
  });
  await expect(elsewhere).rejects.toThrow(
    "http://127.0.0.1:1/opc/instance/region answered with HTTP status 404: instance principals exist only on machines of Oracle Cloud",
  );
});
