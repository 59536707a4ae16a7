/** Returns what a user can do if a host cannot be reached. `reason` is an error message in Go's words. */
export function reachHint(reason: string, host: string): string {
  if (/no such host|server misbehaving/.test(reason)) {
    return `mend the name, or the resolver: getent hosts ${host}; containers are reached by the names of their services`;
  }
  if (/connection refused/.test(reason)) {
    const isOwn = /^(?:localhost|127\.|::1|\[::1\])/.test(host);
    return `start what is to listen there, or mend the address${isOwn ? "; within a container localhost is the container itself" : ""}`;
  }
  if (/HTTP response to HTTPS client|first record does not look like a TLS handshake/.test(reason)) {
    return "it does not speak TLS: write http in place of https (scheme: http)";
  }
  if (/malformed HTTP|Parse Error|EOF|connection reset/.test(reason)) {
    return "it closed the connection: if it speaks TLS, write https (scheme: https); else look into its log";
  }
  if (/certificate|tls:|x509|self.signed|unable to verify/i.test(reason)) {
    return "name the authority that signed its certificate (tls_config: ca_file), or the name that it is for (server_name)";
  }
  if (/deadline exceeded|timeout/.test(reason)) {
    return `see whether a firewall is in the way (nc -vz from here), or what it is busy with; --timeout waits longer`;
  }
  if (/no route to host|network is unreachable/.test(reason))
    return `mend the route or the address: ip route get ${host}`;
  return "look whether it runs, and into its log";
}
