import { execFileSync } from "node:child_process";
import { join } from "node:path";

/**
 * Creates a self-signed certificate and its key in the files `c.pem` and `k.pem`. Returns false if openssl is missing.
 */
export function makeCertificate(folder: string, name: string): boolean {
  const options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const files = ["-keyout", join(folder, "k.pem"), "-out", join(folder, "c.pem")];
  try {
    execFileSync("openssl", ["req", ...options, ...names, ...files], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
