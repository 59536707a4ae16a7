import { createHash, type KeyObject, sign } from "node:crypto";
import type { Signer } from "../client/sigv4.ts";

/** An RSA key for requests to Oracle Cloud, with the name by which Oracle knows it. */
export interface OciKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** Parts of a request that are signed, if they are not named. */
const PARTS: readonly string[] = ["date", "(request-target)", "host"];
const BODY_PARTS: readonly string[] = ["content-length", "content-type", "x-content-sha256"];

/**
 * Returns a function that signs requests to Oracle Cloud;
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm.
 * @param now returns the wall clock time, ms since 1970
 * @param parts parts of a request that are signed in addition to its body
 */
export const ociSigner =
  (key: () => Promise<OciKey>, now: () => number, parts = PARTS): Signer =>
  async ({ method, url, headers, body }) => {
    const { keyId, privateKey } = await key();
    const fields: Record<string, string> = { date: new Date(now()).toUTCString() };
    if (method === "POST") {
      const content = Buffer.from(body ?? "");
      fields["content-length"] = String(content.length);
      fields["content-type"] = "application/json";
      fields["x-content-sha256"] = createHash("sha256").update(content).digest("base64");
    }
    const values = {
      ...fields,
      "(request-target)": `${method.toLowerCase()} ${url.pathname}${url.search}`,
      host: url.host,
    };
    const signed = method === "POST" ? [...parts, ...BODY_PARTS] : parts;
    const text = signed.map((part) => `${part}: ${(values as Record<string, string>)[part]}`).join("\n");
    const signature = sign("sha256", Buffer.from(text), privateKey).toString("base64");
    const authorization =
      `Signature version="1",headers="${signed.join(" ")}",keyId="${keyId}",` +
      `algorithm="rsa-sha256",signature="${signature}"`;
    return { ...headers, ...fields, authorization };
  };
