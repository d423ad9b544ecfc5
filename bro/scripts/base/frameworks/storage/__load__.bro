@load ./main
@load ./sync
@load ./async
