@load ./main
@load ./mail
@load ./weird
@load ./actions/drop
@load ./actions/email_admin
@load ./actions/page
@load ./actions/add-geodata
@load ./actions/pp-alarms
