import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its private key, as PEM text. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Reports whether openssl is installed, with which the tests create certificates. */
export const hasOpenssl = (): boolean => spawnSync("openssl", ["version"]).error === undefined;

/**
 * A certificate authority for a test, created by openssl in a folder of its own. Disposing of it removes the folder.
 */
export class Authority implements Disposable {
  readonly pair: KeyPair;
  readonly #folder = mkdtempSync(join(tmpdir(), "narthex-authority-"));

  constructor(name: string) {
    this.#openssl(["req", "-x509", ...NEW_KEY, "-days", "2", "-subj", `/CN=${name}`, "-keyout", "ca.key"], "ca.pem");
    this.pair = { cert: this.#read("ca.pem"), key: this.#read("ca.key") };
  }

  /**
   * Creates a certificate.
   * @param alternatives its alternative names in openssl's form: `DNS:a,IP:::1`
   * @param days validity from now on; with -1 the certificate has already expired
   */
  issue(name: string, alternatives = "", days = 2): KeyPair {
    this.#openssl(["req", "-new", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", "leaf.key"], "leaf.csr");
    writeFileSync(join(this.#folder, "ext"), alternatives === "" ? "" : `subjectAltName=${alternatives}\n`);
    const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days), "-extfile", "ext"];
    this.#openssl(["x509", "-req", "-in", "leaf.csr", ...signer], "leaf.pem");
    return { cert: this.#read("leaf.pem"), key: this.#read("leaf.key") };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #read(name: string): string {
    return readFileSync(join(this.#folder, name), "utf8");
  }

  #openssl(args: readonly string[], out: string): void {
    execFileSync("openssl", [...args, "-out", out], { cwd: this.#folder, stdio: "ignore" });
  }
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
