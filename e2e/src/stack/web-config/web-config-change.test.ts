import { Agent, request } from "node:https";
import { connect } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, test } from "vitest";
import { type Identities, makeIdentities } from "./identities.ts";
import { Program, type Role, type Side } from "./programs.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import type { Pair } from "../../support/certificates.ts";
import { Workplace } from "../../support/workplace.ts";

const MATERIAL = "cert_file: server.pem, key_file: server.key";
const OPEN = `tls_server_config: {${MATERIAL}}\n`;
const CLOSED = `tls_server_config: {${MATERIAL}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem}\n`;
const BROKEN = OPEN.replace("key_file", "keyfile");

/** A running program and its web configuration file, which the test changes. */
class Scene implements AsyncDisposable {
  readonly identities: Identities;
  readonly program: Program;
  readonly #workplace: Workplace;
  readonly #file: string;

  private constructor(workplace: Workplace, identities: Identities, program: Program, file: string) {
    this.#workplace = workplace;
    this.identities = identities;
    this.program = program;
    this.#file = file;
  }

  static async open(role: Role, side: Side): Promise<Scene> {
    const workplace = new Workplace();
    const identities = makeIdentities(workplace.folder);
    const { ca, server } = identities;
    for (const [name, text] of Object.entries({ "ca.pem": ca, "server.pem": server.cert, "server.key": server.key })) {
      workplace.write(name, text);
    }
    const file = workplace.write("web.yml", OPEN);
    return new Scene(workplace, identities, await Program.start(role, side, workplace, file), file);
  }

  /** Overwrites a configuration file. */
  change(text: string, name = this.#file.split("/").at(-1)!): void {
    this.#workplace.write(name, text);
  }

  client(identity?: Pair): Client {
    return new Client(this.program.port, this.identities.ca, identity);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
    this.#workplace[Symbol.dispose]();
  }
}

interface Answer {
  readonly status: number | "refused";
  readonly text: string;
}

const REFUSED: Answer = { status: "refused", text: "" };

/** A client that keeps its connection between requests, and its TLS session between connections. */
class Client {
  readonly #agent: Agent;
  readonly #options: object;
  /** Serial number of the certificate that the server sent last. */
  serverSerial = "";

  constructor(port: number, ca: string, identity: Pair | undefined) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 10 });
    this.#options = { port, ca, host: "localhost", servername: "localhost", agent: this.#agent, ...identity };
  }

  get(path: string): Promise<Answer> {
    return new Promise((resolve) => {
      const outgoing = request({ ...this.#options, path }, (response) => {
        let text = "";
        this.serverSerial = (response.socket as TLSSocket).getPeerX509Certificate()?.serialNumber ?? this.serverSerial;
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
      });
      outgoing.once("error", () => resolve(REFUSED)).end();
    });
  }

  /** Closes the connections and keeps the TLS session. */
  hangUp(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}

describe.each(["ours", "theirs"] as const)("%s", (side) => {
  const isLacking = side === "theirs" && lacks("peers");

  test.skipIf(isLacking)("stricter settings in a file apply to the next connection, not to open ones", async () => {
    await using scene = await Scene.open("server", side);
    const [kept, returning] = [scene.client(), scene.client()];
    const path = "/-/healthy";
    expect((await kept.get(path)).status).toBe(200);
    expect((await returning.get(path)).status).toBe(200);
    scene.change(CLOSED);
    returning.hangUp();
    expect(await returning.get(path)).toEqual(REFUSED);
    expect(await scene.client().get(path)).toEqual(REFUSED);
    expect(await scene.client(scene.identities.clients["other CA"]).get(path)).toEqual(REFUSED);
    const known = scene.client(scene.identities.clients["own CA"]);
    expect((await known.get(path)).status).toBe(200);
    expect((await kept.get(path)).status).toBe(200);
    // Only the content of the CA file is changed; the web configuration that names the file stays the same.
    scene.change(scene.identities.server.cert, "ca.pem");
    expect(await scene.client(scene.identities.clients["own CA"]).get(path)).toEqual(REFUSED);
  });

  test.skipIf(isLacking)("a renewed certificate is used for the next connection", async () => {
    await using scene = await Scene.open("node-exporter", side);
    const before = scene.client();
    expect((await before.get("/")).status).toBe(200);
    const { cert, key } = scene.identities.renewed;
    scene.change(cert, "server.pem");
    scene.change(key, "server.key");
    const after = scene.client();
    expect((await after.get("/")).status).toBe(200);
    expect(after.serverSerial).not.toBe(before.serverSerial);
  });

  test.skipIf(isLacking)("a client that sends plain HTTP gets an explanation", async () => {
    await using scene = await Scene.open("node-exporter", side);
    const response = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(scene.program.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
      socket.on("data", (bytes) => (text += bytes.toString("latin1"))).once("close", () => resolve(text));
    });
    expect(response).toBe("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
  });
});

const SHOWN: readonly (readonly [Role, statusPath: string, field: string])[] = [
  ["server", "/api/v1/status/runtimeinfo", "webConfigProblem"],
  ["alertmanager", "/api/v2/status", "webConfigProblem"],
  ["pushgateway", "/api/v1/status", "web_config_problem"],
  ["node-exporter", "/metrics", "narthex_file_change_refused"],
];

test.each(SHOWN)(
  "%s: after an invalid change the old settings stay, and the error is logged once, counted and shown",
  async (role, path, field) => {
    await using scene = await Scene.open(role, "ours");
    const get = (where: string): Promise<Answer> => scene.client().get(where);
    await eventually(`${role} is ready`, async () => expect((await get(path)).status).toBe(200));
    expect((await get(path)).text).not.toContain(field);
    scene.change(BROKEN);
    for (let i = 0; i < 3; i++) expect((await get(path)).status).toBe(200);
    expect((await get(path)).text).toContain(field);
    expect((await get("/metrics")).text).toMatch(/narthex_refused_file_changes_total\{file="[^"]*web\.yml"\} 1\n/);
    if (role === "server") {
      expect((await get("/api/v1/notifications")).text).toContain("The changed web configuration cannot be used.");
    }
    const sentence = /web\.yml:1:\d+: field keyfile not found in type web\.TLSConfig/;
    await scene.program.running.printed(sentence);
    const logged = scene.program.running.output.match(new RegExp(sentence, "g"));
    expect(logged).toHaveLength(1);
    scene.change(OPEN);
    expect((await get(path)).text).not.toMatch(new RegExp(`${field}"|${field}\\{.*\\} 1\n`));
    await scene.program.running.printed(/Reading the changed web config works again/);
  },
);

test("after an invalid change of the cluster's TLS the old settings stay, and the API shows the error", async () => {
  await using scene = await Scene.open("cluster", "ours");
  const { ca } = scene.identities;
  const address = await eventually("the API listens", async () => {
    const found = /Listening on" address=(\S+)/.exec(scene.program.running.output)?.[1];
    if (found === undefined) throw new Error(scene.program.running.output);
    return found;
  });
  const read = async (path: string): Promise<string> => (await fetch(`http://${address}${path}`)).text();
  expect(await read("/api/v2/status")).not.toContain("clusterTlsProblem");
  scene.change(BROKEN);
  expect(await scene.program.admits({ ca, identity: undefined })).toBe("admitted");
  expect(await read("/api/v2/status")).toMatch(/"clusterTlsProblem":"[^"]*web\.yml:1:\d+: field keyfile not found/);
  expect(await read("/metrics")).toMatch(/narthex_refused_file_changes_total\{file="[^"]*web\.yml"\} 1\n/);
  scene.change(CLOSED);
  expect(await scene.program.admits({ ca, identity: undefined })).toBe("refused");
  expect(await read("/api/v2/status")).not.toContain("clusterTlsProblem");
});

test.skipIf(lacks("peers"))(
  "the original refuses all requests while the file is invalid, also on open connections",
  async () => {
    await using scene = await Scene.open("server", "theirs");
    const kept = scene.client();
    expect((await kept.get("/-/healthy")).status).toBe(200);
    scene.change(BROKEN);
    expect((await kept.get("/-/healthy")).status).toBe(500);
    expect(await scene.client().get("/-/healthy")).toEqual(REFUSED);
  },
);
