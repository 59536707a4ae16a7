# The images of all roles, for amd64 and arm64: docker buildx bake
#
# Nothing of another architecture is run, so that no emulation is needed. docs/docker.md says what a builder has to be able to.

variable "PREFIX" {
  default = "localhost/narthex"
}

variable "TAG" {
  default = "latest"
}

variable "VERSION" {
  default = "0.1.0"
}

# The commit.
variable "REVISION" {
  default = "unknown"
}

# URL of the repository, for those who look at an image.
variable "SOURCE" {
  default = ""
}

variable "PLATFORMS" {
  default = "linux/amd64,linux/arm64"
}

group "default" {
  targets = ["images"]
}

target "images" {
  name       = role
  matrix     = { role = ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards", "cadvisor"] }
  dockerfile = "deploy/docker/Dockerfile"
  target     = role
  platforms  = split(",", PLATFORMS)
  tags       = ["${PREFIX}/${role}:${TAG}"]
  args       = { VERSION = VERSION, REVISION = REVISION }
  labels     = SOURCE == "" ? {} : { "org.opencontainers.image.source" = SOURCE }
}
