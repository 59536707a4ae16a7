# Sourced by the launchers for shells: `command_named PATH` puts into $command what a link of that name is called for, by the
# names of the originals' programs and of Debian's packages of them; nothing for any other name.
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
