/** Returns advice for an unreachable host. `reason` is an error message in the wording of Go. */
export function reachHint(reason: string, host: string): string {
  if (/no such host|server misbehaving/.test(reason)) {
    return `correct the name or the resolver (test it: getent hosts ${host}); the names of containers are those of their services`;
  }
  if (/connection refused/.test(reason)) {
    const isOwn = /^(?:localhost|127\.|::1|\[::1\])/.test(host);
    return `start the program that should listen there, or correct the address${isOwn ? "; within a container localhost is the container itself" : ""}`;
  }
  if (/HTTP response to HTTPS client|first record does not look like a TLS handshake/.test(reason)) {
    return "the server does not use TLS: write http instead of https (scheme: http)";
  }
  if (/malformed HTTP|Parse Error|EOF|connection reset/.test(reason)) {
    return "the server closed the connection: if it uses TLS, write https (scheme: https); otherwise read its log";
  }
  if (/certificate|tls:|x509|self.signed|unable to verify/i.test(reason)) {
    return "set the authority that signed its certificate (tls_config: ca_file), or the name in the certificate (server_name)";
  }
  if (/deadline exceeded|timeout/.test(reason)) {
    return `check whether a firewall blocks it (nc -vz from here), or whether the server is overloaded; --timeout sets a longer wait`;
  }
  if (/no route to host|network is unreachable/.test(reason))
    return `correct the route or the address (show the route: ip route get ${host})`;
  return "check that it runs, and read its log";
}
