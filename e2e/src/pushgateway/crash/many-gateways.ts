import { join } from "node:path";
import { type Host, processHost } from "@narthex/runtime";

/**
 * A program that runs several Pushgateways, each with its own persistence file in a folder. Prints `<number> <address>`
 * for each Pushgateway. Arguments: the folder, the number of gateways.
 */
const [folder = "", count = "1"] = process.argv.slice(2);
// Main module of the Pushgateway, loaded by its path because no package may import an app.
const app = new URL("../../../../apps/pushgateway/src/main.ts", import.meta.url).href;
const { main } = (await import(app)) as { readonly main: (host: Host) => Promise<number> };
const shared = processHost([]);
for (let i = 0; i < Number(count); i++) {
  const args = ["--web.listen-address=127.0.0.1:0", `--persistence.file=${join(folder, `gateway-${i}`)}`];
  const stderr = (text: string): void => {
    const address = /msg="Listening on" address=(\S+)/.exec(text)?.[1];
    if (address !== undefined) process.stdout.write(`${i} ${address}\n`);
    else if (text.includes("level=ERROR")) process.stderr.write(text);
  };
  void main({ ...shared, args, stderr });
}
