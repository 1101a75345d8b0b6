import os
if os.environ.get("H4_PROF"):
    with open("/proc/self/cmdline","rb") as f: c=f.read()
    if b"civic.worker" in c:
        import signal, atexit, collections, sys
        selfs=collections.Counter(); cum=collections.Counter(); lines=collections.Counter(); n=[0]
        edges=collections.Counter()
        def h(sig, frame):
            import time
            if time.monotonic()-t0<7: return
            n[0]+=1
            if n[0]%100==0: dump()
            f=frame; seen=set(); first=True; depth=0
            prev=None
            while f is not None and depth<80:
                co=f.f_code; key=(co.co_filename, co.co_name)
                if first:
                    selfs[key]+=1; lines[(co.co_filename, f.f_lineno, co.co_name)]+=1; first=False
                if key not in seen:
                    seen.add(key); cum[key]+=1
                f=f.f_back; depth+=1
        def dump():
            import json
            json.dump({"n":n[0],"self":[[*k,v] for k,v in selfs.items()],"cum":[[*k,v] for k,v in cum.items()],"lines":[[*map(str,k),v] for k,v in lines.items()]}, open(f"/tmp/h4/prof/{os.getpid()}.json","w"))
        def start():
            signal.signal(signal.SIGPROF,h); signal.setitimer(signal.ITIMER_PROF,0.002,0.002)
        import time; t0=time.monotonic()
        # start after 6 s of life through SIGUSR2-free way: immediate
        start(); atexit.register(dump)
