import type { ActiveTarget } from "../api/target-data.ts";

interface Remedy {
  /** Matches the error of a scrape, in the wording of Prometheus. */
  readonly error: RegExp;
  readonly remedy: (target: ActiveTarget) => string;
}

/** Remedies for errors of scrapes. The first one that matches is shown. To explain another error, add a row. */
const REMEDIES: readonly Remedy[] = [
  {
    error: /HTTP response to HTTPS client/,
    remedy: () => "The target does not use TLS. Set the job's scheme to http.",
  },
  {
    error: /malformed HTTP response|HTTP request to an HTTPS server/,
    remedy: () => "The target may use TLS. Set the job's scheme to https.",
  },
  {
    error: /certificate is (?:not )?valid for|doesn't contain any IP SANs|legacy Common Name/,
    remedy: () => "The certificate has another name. Write it into server_name of the job's tls_config.",
  },
  {
    error: /certificate|x509|tls:/,
    remedy: () =>
      "The server does not trust the target's certificate. Name its authority in ca_file of the job's tls_config.",
  },
  {
    error: /connection refused/,
    remedy: ({ scrapeUrl }) =>
      isOwnHost(scrapeUrl)
        ? "No program listens at this address. Start the program, or correct the port. In a container, localhost is the container itself."
        : "No program listens at this address. Start the program, let it listen on all addresses, or correct the port.",
  },
  {
    error: /no such host|server misbehaving/,
    remedy: () =>
      "The server cannot find the address of this name. Correct the name. In Docker, use the name of the service.",
  },
  {
    error: /no route to host|network is unreachable|i\/o timeout/,
    remedy: () =>
      "No connection is possible from the server. Check the address, the network and firewalls between them.",
  },
  {
    error: /deadline exceeded|timeout/i,
    remedy: ({ scrapeTimeout, scrapeInterval }) =>
      `The target did not answer within ${scrapeTimeout}. Check the program, or raise the job's scrape_timeout, up to the interval of ${scrapeInterval}.`,
  },
  {
    error: /HTTP status 40[13]/,
    remedy: () => "The target wants a password or a token. Set basic_auth or authorization of the job.",
  },
  {
    error: /HTTP status 404/,
    remedy: () => "The metrics have another path. Set metrics_path of the job.",
  },
  {
    error: /HTTP status 5\d\d/,
    remedy: () => "The program answers with an error. Read its log.",
  },
  {
    error: /Content-Type/,
    remedy: () =>
      "The answer does not say that it contains metrics. If the page is right, set the job's fallback_scrape_protocol to PrometheusText0.0.4.",
  },
  {
    error: /limit exceeded/,
    remedy: () => "The target exceeds a limit of the job. Let it have fewer series, or raise the limit.",
  },
  {
    error: /while parsing|expected a valid start token|invalid syntax|unexpected end of input/,
    remedy: () =>
      "A line of the page is not a metric. Open the page, and look for the text of the error. Is the path right?",
  },
];

/** Returns what a person can do about the error of a target's last scrape. Empty if the error is not known. */
export const remedyOf = (target: ActiveTarget): string =>
  REMEDIES.find(({ error }) => error.test(target.lastError))?.remedy(target) ?? "";

const isOwnHost = (url: string): boolean => /^https?:\/\/(?:localhost|127\.|\[::1\])/.test(url);
