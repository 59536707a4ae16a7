# Sourced by the launchers for shells. `command_named PATH` sets $command to the command for a link of that name, which is
# the name of an original's program or of Debian's package of it. $command is empty for any other name.
command_named() {
  case ${1##*/} in
    prometheus) command=server ;;
    alertmanager | prometheus-alertmanager) command=alertmanager ;;
    pushgateway | prometheus-pushgateway) command=pushgateway ;;
    node_exporter | prometheus-node-exporter) command=node-exporter ;;
    cadvisor) command=cadvisor ;;
    grafana | grafana-server) command=dashboards ;;
    promtool | amtool) command=${1##*/} ;;
    *) command= ;;
  esac
}
