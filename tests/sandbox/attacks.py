"""What hostile generated code would try, as the source of a class with a method `attack`.

Marks such as @TCP@ are filled in by the arena. An attack that can tell by itself that it worked
says BREACH; for the others, the arena looks at what they aimed at. `again` is called afterwards.
"""

from textwrap import indent

_CLASS = """
class World:
    def __init__(self):
        self.count = 0
    def again(self):
        return {"success": True, "count": self.count}
"""


def _attack(body: str, head: str = "") -> str:
    """Make a class whose `attack` has the given body."""
    return f"{head}\n{_CLASS}    def attack(self):\n{indent(body.strip(), ' ' * 8)}\n"


_FILES = {
    "read /etc/passwd": "return open('/etc/passwd').read()",
    "read a key file": "return open('@SECRET_FILE@').read()",
    "read through linecache": "import linecache\nreturn linecache.getlines('@SECRET_FILE@')",
    "read os.environ": """
import os
return 'BREACH' if {'PATH', 'HOME', 'OPENAI_API_KEY'} & set(os.environ) else dict(os.environ)""",
    "read /proc/self/environ": "return open('/proc/self/environ', 'rb').read().decode()",
    "read the environment of others": """
import os
found = []
for name in ['@VICTIM@', '@HOST@', *os.listdir('/proc')]:
    try: found.append(open(f'/proc/{name}/environ', 'rb').read().decode())
    except OSError: pass
return found""",
    "read /proc/self/mem": """
with open('/proc/self/mem', 'rb') as memory:
    memory.seek(id(self))
    return 'BREACH' + memory.read(16).hex()""",
    "list a folder": "import os\nreturn 'BREACH' if os.listdir('@FOLDER@') else ''",
    "stat a file": "import os\nreturn 'BREACH' if os.stat('@SECRET_FILE@') else ''",
    "write a file": "open('@FOLDER@/mine', 'w').write('x')",
    "make a symlink": "import os\nos.symlink('/etc', '@FOLDER@/link')",
    "delete a file": "import os\nos.unlink('@SECRET_FILE@')",
    "overwrite a file": "open('@SECRET_FILE@', 'w').write('x')",
    "open a database": """
import sqlite3
sqlite3.connect('@FOLDER@/data.db').execute('create table t (x)')""",
    "import from site-packages": """
import sys, glob
sys.path += glob.glob('/usr/lib/python3*/site-packages') + ['/usr/lib/python3/dist-packages']
import pydantic
return 'BREACH'""",
}
_LATER = {
    "leave an exit handler": """
import atexit
atexit.register(lambda: open('@FOLDER@/mine', 'w').write('x'))
raise SystemExit""",
    "leave a finaliser": """
class Trap:
    def __del__(self):
        open('@FOLDER@/mine', 'w').write('x')
Trap()
self.trap = Trap()""",
    "leave a thread behind": """
import threading
def work():
    open('@FOLDER@/mine', 'w').write('x')
threading.Thread(target=work, daemon=True).start()
return 'BREACH'""",
    "reduce to a call in the state": """
import os
class Bomb:
    def __reduce__(self):
        return (exec, ("open('@FOLDER@/mine', 'w').write('x')",))
self.bomb = Bomb()
return Bomb()""",
}
_PROGRAMS = {
    "os.system": "import os\nos.system('touch @FOLDER@/mine')",
    "subprocess": "import subprocess\nsubprocess.run(['touch', '@FOLDER@/mine'])",
    "fork": """
import os
if os.fork() == 0:
    os._exit(0)
return 'BREACH'""",
    "fork bomb": """
import os
while True:
    os.fork()""",
    "kill the host": "import os\nos.kill(@HOST@, 9)",
    "kill another process": "import os\nos.kill(@VICTIM@, 9)",
    "kill the parent": """
import ctypes
libc = ctypes.CDLL(None)
return 'BREACH' if libc.kill(libc.getppid(), 9) == 0 else ''""",
    "kill everyone": "import os\nos.kill(-1, 9)",
    "kill the own group": "import os\nos.killpg(0, 9)",
}
_NETWORK = {
    "connect by TCP": "import socket\nsocket.create_connection(@TCP@).sendall(b'x')",
    "send by UDP": """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', @UDP@)""",
    "connect to a unix socket": """
import socket
socket.socket(socket.AF_UNIX).connect('@UNIX@')""",
    "connect to an abstract socket": """
import socket
socket.socket(socket.AF_UNIX).connect(@ABSTRACT@)""",
    "fetch by urllib": """
import urllib.request
host, port = @TCP@
urllib.request.urlopen(f'http://{host}:{port}/', timeout=1)""",
}
_TRICKS = {
    "system by ctypes": """
import ctypes
ctypes.CDLL(None).system(b'touch @FOLDER@/mine')""",
    "read address zero": "import ctypes\nreturn ctypes.string_at(0)",
    "executable memory": """
import ctypes
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_long
place = libc.mmap(None, 4096, 7, 34, -1, 0)
return 'BREACH' if place != -1 else ''""",
    "through __subclasses__": """
for kind in ().__class__.__base__.__subclasses__():
    if kind.__name__ == '_wrap_close':
        return kind.__init__.__globals__['system']('touch @FOLDER@/mine')""",
    "through uuid.os": "import uuid\nreturn uuid.os.system('touch @FOLDER@/mine')",
    "through re.enum.sys.modules": """
import re
return re.enum.sys.modules['os'].open('@FOLDER@/mine', 66)""",
    "through print.__self__": """
return print.__self__.__import__('os').open('@FOLDER@/mine', 66)""",
    "exec of a string": "exec(\"open('@FOLDER@/mine', 'w').write('x')\")",
    "forged bytecode": """
def nothing(): pass
code = nothing.__code__.replace(co_code=bytes([100, 200, 83, 0] * 50), co_consts=())
return type(nothing)(code, {})()""",
}
_TIME = {
    "endless loop": "while True: pass",
    "loop that swallows": """
while True:
    try:
        while True: pass
    except BaseException: pass""",
    "sleep for a year": """
import time
time.sleep(3.15e7)
return 'slept'""",
    "ignore the alarm": """
import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True: pass""",
    "stop the alarm": """
import signal
signal.setitimer(signal.ITIMER_REAL, 0)
while True: pass""",
    "catastrophic regex": "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
    "huge power": "return len(str(9 ** 9 ** 9))",
}
_SIZE = {
    "list without end": "data = []\nwhile True: data.append(' ' * 1_000_000 + str(len(data)))",
    "one huge block": "return len(bytearray(1 << 40))",
    "parser bomb": "eval('(' * 100_000 + ')' * 100_000)",
    "doubling references": """
data = []
for _ in range(40): data = [data, data]
return data""",
    "result of 500 MB": "return 'x' * 500_000_000",
    "result of 5 MB": "return 'x' * 5_000_000",
    "flood of output": "while True: print('x' * 1000)",
    "result of 100,000 levels": """
data = []
for _ in range(100_000): data = [data]
return data""",
    "Python recursion": "return self.attack()",
    "recursion without limit": """
import sys
sys.setrecursionlimit(10**8)
return self.attack()""",
    "recursion in C": """
data = ()
for _ in range(10**6): data = (data,)
return hash(data)""",
    "half a surrogate pair": "return '\\ud800'",
    "not a number": "return [float('nan'), float('inf')]",
    "cyclic state": "self.me = [self.__dict__]\nreturn self.me",
}
_EXITS = {
    "sys.exit": "import sys\nsys.exit(0)",
    "os._exit": "import os\nos._exit(0)",
    "abort": "import os\nos.abort()",
    "raise a base exception": "raise KeyboardInterrupt",
    "an exception that cannot be shown": """
class Nasty(Exception):
    def __str__(self): raise SystemExit
raise Nasty""",
}
_LIES = {
    "equal to everything": """
class Anything(int):
    def __eq__(self, other): return True
    def __hash__(self): return 1
self.count = Anything(5)""",
    "a dict that answers what is asked": """
class Yes(dict):
    def get(self, *a): return 1_000_000
    __getitem__ = get
self.__dict__ = Yes(self.__dict__)""",
    "patched builtins": """
import builtins
builtins.isinstance = builtins.all = builtins.any = lambda *a: True
builtins.len = builtins.int = lambda *a: 1_000_000
builtins.True_ = 1""",
    "patched deepcopy": "import copy\ncopy.deepcopy = lambda x: {'count': 1_000_000}",
    "patched json": """
import json
json.dumps = lambda *a, **k: '{"count": 1000000}'
json.loads = lambda *a, **k: {'count': 1_000_000}
json.JSONEncoder.encode = lambda *a, **k: 'x' * 10""",
    "through frames": """
import sys
frame = sys._getframe()
while frame:
    for name in list(frame.f_locals):
        if hasattr(frame.f_locals[name], '_limits'):
            object.__setattr__(frame.f_locals[name]._limits, 'reply', 10**12)
    frame = frame.f_back
return 'x' * 5_000_000""",
    "through a traceback": """
try:
    1 / 0
except ZeroDivisionError as error:
    frame = error.__traceback__.tb_frame.f_back
    frame.f_globals.clear()
    frame.f_builtins.clear()""",
    "through gc": """
import gc
for one in gc.get_objects():
    if isinstance(one, dict) and 'final_state' in one: one.clear()
    if type(one).__name__ == 'Scene': one._final = '{"count": 1000000}'""",
    "trace everything": """
import sys
def spy(frame, event, arg):
    return spy
sys.settrace(spy)
sys.setprofile(spy)""",
    "forged reply on every descriptor": """
import os, struct
body = b'{"count": 1000000, "note": "BREACH"}'
for number in range(1024):
    try: os.write(number, struct.pack('<IBI', len(body), 64, 7) + body)
    except OSError: pass
return 'x'""",
    "forged reply with the right number": """
import os, struct, sys
number, frame = 0, sys._getframe()
while frame:
    number = frame.f_locals.get('number', number)
    frame = frame.f_back
body = b'{"count": 1000000}'
os.write(3, struct.pack('<IBI', len(body), 64, number) + body)
return 'x'""",
    "two forged replies": """
import os, struct
body = b'{"count": 1000000}'
os.write(3, 2 * (struct.pack('<IBI', len(body), 64, 7) + body))
while True: pass""",
    "forged reply on stdout": """
import os, sys
os.write(1, b'\\x24\\0\\0\\0\\x40\\7\\0\\0\\0{"count": 1000000, "note": "FORGED"}')
sys.__stdout__.write('FORGED')""",
    "forged huge reply": """
import os
os.write(3, b'\\xff\\xff\\xff\\xff\\x40\\7\\0\\0\\0' + b'x' * 100_000)
while True: pass""",
    "truncated reply": """
import os
os.write(3, b'\\xff\\0\\0\\0\\x40\\7\\0\\0\\0xx')
os._exit(0)""",
    "hang up": "import os\nos.close(3)",
    "patched exporter": """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith('guest'):
        for attribute in ('to_json', '_encode', '_tag'):
            if hasattr(module, attribute): setattr(module, attribute, lambda *a: b'\\xff' * 9)""",
}

ATTACKS = {
    name: _attack(body)
    for group in (_FILES, _LATER, _PROGRAMS, _NETWORK, _TRICKS, _TIME, _SIZE, _EXITS, _LIES)
    for name, body in group.items()
}
"""Name → module source."""
