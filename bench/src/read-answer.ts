import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: false });

/**
 * Reads an answer to its end without decoding or storing it. Resolves with the length; rejects if the status is not
 * 200.
 */
export function readAnswer(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      let bytes = 0;
      response.on("data", (piece: Buffer) => (bytes += piece.length));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(bytes) : reject(new Error(`status ${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    sent.on("error", reject).end();
  });
}
