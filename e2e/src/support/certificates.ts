import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its private key in PEM format. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Certificates for the test: one for each way in which a certificate may be trusted or not. */
export interface Certificates {
  readonly authority: Authority;
  readonly server: Pair;
  readonly namesOnly: Pair;
  readonly nameless: Pair;
  readonly expired: Pair;
  readonly stranger: Pair;
}

interface CertificateParams {
  readonly name: string;
  /** Subject alternative names in openssl's format, for example `DNS:a,IP:::1`. */
  readonly alternatives?: string;
  /** Days of validity from now on; a negative number creates an expired certificate. */
  readonly days?: number;
}

/** A certificate authority of one test, created with openssl in a folder. */
export class Authority {
  readonly pair: Pair;
  readonly #folder: string;
  #made = 0;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    const [key, cert] = [this.#path(`${name}.key`), this.#path(`${name}.pem`)];
    newKey(key);
    openssl(["req", "-x509", "-new", "-key", key, "-subj", `/CN=${name}`, "-days", "2", "-out", cert]);
    this.pair = readPair(cert, key);
  }

  issue({ name, alternatives, days = 2 }: CertificateParams): Pair {
    const base = this.#path(`${this.pair.cert.length}-${name}-${this.#made++}`);
    const [key, request, cert, ca, caKey, extensions] = ["key", "csr", "pem", "ca", "ca-key", "ext"].map(
      (end) => `${base}.${end}`,
    ) as [string, string, string, string, string, string];
    newKey(key);
    writeFileSync(ca, this.pair.cert);
    writeFileSync(caKey, this.pair.key);
    writeFileSync(extensions, alternatives === undefined ? "" : `subjectAltName=${alternatives}\n`);
    openssl(["req", "-new", "-key", key, "-subj", `/CN=${name}`, "-out", request]);
    const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", String(days), "-extfile", extensions];
    openssl(["x509", "-req", "-in", request, ...signing, "-out", cert]);
    return readPair(cert, key);
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

const newKey = (path: string): void => openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path]);

const readPair = (cert: string, key: string): Pair => ({
  cert: readFileSync(cert, "utf8"),
  key: readFileSync(key, "utf8"),
});

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: "ignore" });
}
