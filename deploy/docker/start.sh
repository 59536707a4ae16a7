# Sourced by what /bin has for each role and tool: `start NAME ARGUMENTS…` becomes that command of the program.
start() {
  . /narthex/role-settings.sh
  role_settings /narthex/role-settings.json "$1"
  trust_mounted_authorities
  exec node --disable-warning=ExperimentalWarning $v8 /narthex/main.js "$@"
}

# The originals trust what is mounted in /etc/ssl/certs, or where SSL_CERT_FILE and SSL_CERT_DIR lead; Node comes with
# authorities of its own. It reads a bundle when the first connection needs it, and the rest at each start, which takes 20 ms
# of a processor: it is told to where there is something.
trust_mounted_authorities() {
  bundle=/etc/ssl/certs/ca-certificates.crt
  [ ! -r $bundle ] || export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$bundle}"
  if [ -n "${SSL_CERT_FILE-}${SSL_CERT_DIR-}" ] || [ "$(echo /etc/ssl/certs/*)" != $bundle ]; then
    export NODE_USE_SYSTEM_CA=1 SSL_CERT_DIR="${SSL_CERT_DIR:-/etc/ssl/certs}"
  fi
}
