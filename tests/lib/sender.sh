# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# Writes send.py ADDRESS...: sends numbered packets from each address to 10.9.0.1 until there is a file "stop", and
# prints how many from one.
cat >send.py <<'END'
import os, socket, sys, time
sockets = []
for address in sys.argv[1:]:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 4000))
    sockets.append(s)
sent = 0
while not os.path.exists('stop'):
    for _ in range(200):
        for s in sockets:
            s.sendto(b'%d' % sent, ('10.9.0.1', 4000))
        sent += 1
    time.sleep(0.005)
print(sent)
END
