import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, Fatal } from "./eventually.ts";
import { freezeProcess } from "./freeze-process.ts";
import { freePort } from "./ports.ts";
import { python } from "./requirements.ts";
import { Running } from "./running.ts";

/** Points of metrics: for each name, times in seconds and values. The times are half hours of the last ten years. */
export type StoredPoints = Readonly<Record<string, readonly (readonly [seconds: number, value: number])[]>>;

/**
 * A graphite-web server of one test in its own folder. The metrics `srv.a.load` and `srv.b.load` have a point for each
 * of the last ten minutes, except for one.
 */
export class GraphiteServer implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly #running: Running;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    const env = {
      ...process.env,
      GRAPHITE_FOLDER: folder,
      PYTHONPATH: folder,
      GRAPHITE_SETTINGS_MODULE: "test_settings",
      DJANGO_SETTINGS_MODULE: "graphite.settings",
    };
    this.#running = new Running(python, [join(folder, "serve.py"), folder, String(port)], { cwd: folder, env });
  }

  static async start(points: StoredPoints = {}): Promise<GraphiteServer> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-graphite-"));
    mkdirSync(join(folder, "whisper"));
    writeFileSync(join(folder, "test_settings.py"), SETTINGS);
    writeFileSync(join(folder, "points.json"), JSON.stringify(points));
    writeFileSync(join(folder, "serve.py"), PROGRAM);
    const server = new GraphiteServer(folder, await freePort());
    await eventually("graphite-web answers", async () => {
      const { child, output } = server.#running;
      if (child.exitCode !== null) throw new Fatal(`ended with status ${child.exitCode}:\n${output}`);
      const response = await fetch(`${server.url}/version`);
      if (!response.ok) throw new Error(`status ${response.status}`);
    });
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stores an event. */
  async event(event: object): Promise<void> {
    const response = await fetch(`${this.url}/events/`, { method: "POST", body: JSON.stringify(event) });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Freezes the server: it keeps its connections, but does not answer. */
  freeze(): Promise<void> {
    return freezeProcess(this.#running.child.pid!);
  }

  thaw(): void {
    this.#running.kill("SIGCONT");
  }

  /** Kills the server. */
  async stop(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const SETTINGS = `import os
FOLDER = os.environ["GRAPHITE_FOLDER"]
SECRET_KEY = "only for a test, and not a secret"
TIME_ZONE = "UTC"
STORAGE_DIR = FOLDER
WHISPER_DIR = FOLDER + "/whisper"
STANDARD_DIRS = [WHISPER_DIR]
LOG_DIR = FOLDER
CONF_DIR = FOLDER
INDEX_FILE = FOLDER + "/index"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER + "/graphite.db"}}
CARBONLINK_HOSTS = []
ALLOWED_HOSTS = ["127.0.0.1"]
`;

const PROGRAM = `import json, os, sys, time
from wsgiref.simple_server import WSGIRequestHandler, make_server
import django, whisper
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
folder, port = sys.argv[1], int(sys.argv[2])
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)
now = int(time.time())
for name, factor in (("a", 1), ("b", 2)):
    path = folder + "/whisper/srv/" + name
    os.makedirs(path)
    whisper.create(path + "/load.wsp", [(60, 1440)])
    whisper.update_many(path + "/load.wsp", [(now - 60 * i, factor * i) for i in range(10) if i != 3])
for name, points in json.load(open(folder + "/points.json")).items():
    path = folder + "/whisper/" + name.replace(".", "/") + ".wsp"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    whisper.create(path, [(1800, 175320)], sparse=True)
    whisper.update_many(path, points)
class Quiet(WSGIRequestHandler):
    def log_message(self, *args): pass
make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet).serve_forever()
`;
