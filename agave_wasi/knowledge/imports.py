"""Imports that aren't Preview 1's: what they are, who provides them, and what to do. The first row that fits is taken.

A pattern is "module.name", * standing for anything; one without a point names a module.
"""

from __future__ import annotations


class Known:
    """What is known of imports: `what` they are, `providers` as (runtime, how), and the `cure` for someone without those."""

    __slots__ = ("patterns", "title", "what", "providers", "cure")

    def __init__(
        self, patterns: tuple[str, ...], title: str, what: str, providers: tuple[tuple[str, str], ...], cure: str
    ) -> None:
        self.patterns = patterns
        self.title = title
        self.what = what
        self.providers = providers
        self.cure = cure


_EMSCRIPTEN_JS = ("the JavaScript that emcc writes", "node prog.js, or a browser")
_GO_CURE = "build it with GOOS=wasip1 GOARCH=wasm go build"
_COMPONENT_CURE = "make a component of it, or build it for wasm32-wasip1 (Preview 1)"
_WASIX = (
    "callback_signal", "chdir", "clock_time_set", "epoll_create", "epoll_ctl", "epoll_wait", "fd_dup", "fd_event", "fd_pipe",
    "futex_wait", "futex_wake", "futex_wake_all", "getcwd", "port_*", "proc_exec", "proc_fork", "proc_id", "proc_join",
    "proc_parent", "proc_raise_interval", "proc_signal", "proc_spawn", "resolve", "sock_accept_v2", "sock_addr_local",
    "sock_addr_peer", "sock_bind", "sock_connect", "sock_get_opt_*", "sock_join_multicast_*", "sock_leave_multicast_*",
    "sock_listen", "sock_open", "sock_recv_from", "sock_send_file", "sock_send_to", "sock_set_opt_*", "sock_status",
    "stack_checkpoint", "stack_restore", "thread_exit", "thread_id", "thread_join", "thread_parallelism", "thread_signal",
    "thread_sleep", "thread_spawn", "thread_spawn_v2", "tty_get", "tty_set",
)  # fmt: skip
"""What it has besides Preview 1's functions, so that they are known by their bare names."""

IMPORTS = (
    Known(
        ("env.emscripten_notify_memory_growth",),
        "a notice of Emscripten's that memory has grown",
        "Emscripten calls it after memory.grow, so that JavaScript looks at the new memory. Nothing else needs it.",
        (
            _EMSCRIPTEN_JS,
            ("wazero", "its package imports/emscripten"),
            ("wasmtime", "wasmtime run -W unknown-imports-default=y"),
        ),
        "build it with emcc -sSTANDALONE_WASM -sPURE_WASI, or without -sALLOW_MEMORY_GROWTH",
    ),
    Known(
        ("env.invoke_*", "env.__cxa_*", "env.setThrew", "env.getTempRet0", "env.setTempRet0", "env.__resumeException",
         "env.llvm_eh_*", "env._emscripten_throw_longjmp", "env.emscripten_longjmp"),
        "exceptions and longjmp as Emscripten emulates them in JavaScript",
        "Each call that may throw goes through JavaScript, which catches what comes out.",
        (_EMSCRIPTEN_JS,),
        "build it with -fwasm-exceptions -sSUPPORT_LONGJMP=wasm, which need no JavaScript",
    ),
    Known(
        ("env.emscripten_*", "env._emscripten_*", "env.__syscall_*", "env._embind_*", "env._emval_*", "env.__assert_fail",
         "env._tzset_js", "env._localtime_js", "env._mktime_js", "env._mmap_js", "env._munmap_js", "env._abort_js",
         "env.gl*", "env.egl*", "env.SDL_*", "env.al*", "env.__call_sighandler", "wasi_snapshot_preview1.__wasi_*"),
        "a part of Emscripten's JavaScript runtime",
        "By default emcc builds for a browser or Node, and half of the C library is in the .js file that it writes.",
        (_EMSCRIPTEN_JS,),
        "build it with emcc -sSTANDALONE_WASM -o prog.wasm, or with wasi-sdk",
    ),
    Known(
        ("a.*",),
        "a name that Emscripten has made shorter (-O3 and above do that to imports)",
        "The module belongs together with the .js file of the same build, which alone knows what its imports are.",
        (_EMSCRIPTEN_JS,),
        "build it with emcc -sSTANDALONE_WASM -o prog.wasm, or with wasi-sdk",
    ),
    Known(
        ("env.__linear_memory", "env.__indirect_function_table", "env.__stack_pointer", "env.__memory_base",
         "env.__table_base", "GOT.mem.*", "GOT.func.*"),
        "what a linker fills in",
        "The file is a relocatable object or a shared library, not a program.",
        (
            ("wasm-ld", "wasm-ld prog.o -o prog.wasm, or better: clang as the linker"),
            ("Emscripten", "dlopen, for side modules"),
        ),
        "link it first",
    ),
    Known(
        ("env.memory",),
        "a memory that the host is to bring along",
        "Threaded programs import a shared memory; others were linked with --import-memory.",
        (("wasmtime", "wasmtime run -S threads, if it is a shared memory"), ("JavaScript", "new WebAssembly.Memory(...)")),
        "link it without --import-memory, or give a module that exports a memory with --preload env=FILE.wasm",
    ),
    Known(
        ("wasi.thread-spawn", "wasi.thread_spawn"),
        "wasi-threads: starting a thread",
        "The program was built for wasm32-wasip1-threads. The proposal is a legacy; shared-everything threads are to follow.",
        (
            ("wasmtime", "wasmtime run -S threads (off by default)"),
            ("WAMR", "iwasm, built with WAMR_BUILD_LIB_WASI_THREADS=1"),
            ("wasmer", "wasmer run"),
            ("toywasm", "toywasm --wasi, built with threads"),
        ),
        "build it for wasm32-wasip1, without threads",
    ),
    Known(
        ("wasi_snapshot_preview1.sock_open", "wasi_snapshot_preview1.sock_bind", "wasi_snapshot_preview1.sock_listen",
         "wasi_snapshot_preview1.sock_connect", "wasi_snapshot_preview1.sock_getaddrinfo",
         "wasi_snapshot_preview1.sock_getlocaladdr", "wasi_snapshot_preview1.sock_getpeeraddr",
         "wasi_snapshot_preview1.sock_setsockopt", "wasi_snapshot_preview1.sock_getsockopt",
         "wasi_snapshot_preview1.sock_recv_from", "wasi_snapshot_preview1.sock_send_to",
         "wasi_snapshot_preview1.sock_lookup_ip", "wasi_snapshot_preview1.sock_addr_*"),
        "sockets that some runtimes have added to Preview 1",
        "Preview 1 itself can only accept connections on a socket that it is given, and send and receive on them.",
        (("WasmEdge", "wasmedge prog.wasm"), ("WAMR", "iwasm --addr-pool=... prog.wasm")),
        "with a socket from --listen, sock_accept is enough; connecting from inside needs Preview 2",
    ),
    Known(
        ("wasix_32v1", "wasix_64v1", "wasix_*", *(f"wasix_32v1.{name}" for name in _WASIX)),
        "WASIX, Wasmer's extension of Preview 1",
        "It adds processes, threads, sockets and terminals, as POSIX has them.",
        (("wasmer", "wasmer run prog.wasm"),),
        "build it for wasm32-wasip1 with wasi-sdk, if it can do without",
    ),
    Known(
        ("wasi_snapshot_preview2", "wasi_preview2", "wasi_snapshot_preview3"),
        "a name that has never been an interface",
        "From Preview 2 on WASI is a set of interfaces for components, with names like wasi:cli/run.",
        (),
        "import from wasi_snapshot_preview1",
    ),
    Known(
        ("wasi:http/*", "wasi:http*"),
        "WASI HTTP, a part of Preview 2",
        "Requests and responses for components: servers export wasi:http/incoming-handler, clients import outgoing-handler.",
        (
            ("wasmtime", "wasmtime serve prog.wasm, or wasmtime run -S http for a client"),
            ("jco", "jco serve prog.wasm (on Node)"),
            ("Spin, wasmCloud, NGINX Unit", "as the handler of an application"),
        ),
        "components link here, and are told that the network is denied",
    ),
    Known(
        ("wasi:nn/*", "wasi_ephemeral_nn", "wasi_nn"),
        "WASI NN: machine learning by the host",
        "The program hands tensors to a model that the host runs.",
        (
            ("wasmtime", "wasmtime run -S nn, in builds with that feature"),
            ("WasmEdge", "with its plugin for WASI-NN"),
            ("WAMR", "iwasm, built with WAMR_BUILD_WASI_NN=1"),
        ),
        "nothing here can stand in for it",
    ),
    Known(
        ("wasi:cli/*", "wasi:clocks/*", "wasi:filesystem/*", "wasi:io/*", "wasi:random/*", "wasi:sockets/*", "wasi:*"),
        "an interface of WASI Preview 2 or later",
        "Components use it; a core module that imports it is the inside of one, or is to be wrapped into one.",
        (
            ("agave-wasi", "agave-wasi run prog.wasm, for components"),
            ("wasmtime", "wasmtime run prog.wasm"),
            ("jco", "jco run prog.wasm (on Node)"),
            ("WAMR, wasmer", "not yet"),
        ),
        "make a component of the module (wasm-tools component new), or build it for wasm32-wasip1 (Preview 1)",
    ),
    Known(
        ("cm32p2*", "$root", "[export]*"),
        "the inside of a component",
        "These are the core-module names of a component's imports; wasm-tools component new wraps such a module.",
        (("wasm-tools", "wasm-tools component new prog.wasm -o component.wasm, then a runtime for components"),),
        _COMPONENT_CURE,
    ),
    Known(
        ("wasi_ephemeral_crypto*", "wasi_crypto*"),
        "WASI Crypto: cryptography by the host",
        "A proposal of which few implementations are left.",
        (("WasmEdge", "with its plugin for WASI-Crypto"),),
        "link a library for cryptography into the program instead",
    ),
    Known(
        ("wasi_ephemeral_*", "wasi_snapshot_preview0"),
        "a draft of WASI that was never published under this name",
        "The drafts that exist are wasi_unstable and wasi_snapshot_preview1.",
        (),
        "build it with a current toolchain",
    ),
    Known(
        ("wbg", "__wbindgen_placeholder__", "__wbindgen_externref_xform__", "./*_bg.js"),
        "wasm-bindgen's glue between Rust and JavaScript",
        "A crate in the program expects a browser or Node: often chrono, getrandom or web-time with a feature for JavaScript.",
        (("JavaScript", "wasm-pack, or the wasm-bindgen command, writes what provides it"),),
        "build it for wasm32-wasip1 without features named js, wasmbind or wasm-bindgen (cargo tree -i wasm-bindgen)",
    ),
    Known(
        ("gojs", "go"),
        "Go's glue to JavaScript (syscall/js)",
        "It was built with GOOS=js, for a browser; older Go calls the module go, newer and TinyGo gojs.",
        (("JavaScript", "wasm_exec.js of the same Go, in a browser or Node"),),
        f"{_GO_CURE}, or tinygo build -target=wasip1",
    ),
    Known(
        ("javascript_kit", "js_code", "dart2wasm", "_.*", "wasm:js-string"),
        "the glue of a language's runtime to JavaScript",
        "Swift's JavaScriptKit, Kotlin/Wasm and Dart build for browsers like this.",
        (("JavaScript", "the file that the compiler has written beside the module"),),
        "build it for WASI, where the compiler can (Kotlin: wasmWasi; Swift: wasm32-unknown-wasip1)",
    ),
    Known(
        ("env.abort", "env.seed", "env.trace"),
        "AssemblyScript's runtime",
        "abort(message, file, line, column) reports a failed assertion.",
        (("JavaScript", "the loader that asc writes (--bindings)"),),
        "build it with @assemblyscript/wasi-shim, or with --use abort=",
    ),
    Known(
        ("extism:host/*", "extism:*"),
        "Extism's interface to plug-ins",
        "The module is a plug-in, for a host that uses Extism.",
        (("Extism", "extism call plugin.wasm FUNCTION --wasi"),),
        "run it in a host that uses Extism",
    ),
    Known(
        ("env.proxy_*",),
        "Proxy-Wasm: filters for proxies",
        "The module is a filter, called for each request.",
        (("Envoy, Istio, NGINX (ngx_wasm_module)", "in their configuration of filters"),),
        "run it in such a proxy",
    ),
    Known(
        ("env.db_read", "env.db_write", "env.ext_*", "seal0", "seal1", "seal2", "env.storage_*", "vm_hooks", "ic0"),
        "the host of a blockchain's contracts",
        "The module is a contract, for the chain that defines these functions (CosmWasm, Substrate, NEAR, Stylus, ICP).",
        (("the chain's own node or test kit", "as it documents"),),
        "run it there",
    ),
    Known(
        ("fastly_*", "fastly"),
        "Fastly Compute's interface",
        "The module answers requests at Fastly's edge.",
        (("Viceroy", "viceroy serve prog.wasm, Fastly's local runtime"),),
        "run it there",
    ),
    Known(
        ("lunatic::*",),
        "Lunatic's interface of processes and messages",
        "The program was built for the Lunatic runtime.",
        (("lunatic", "lunatic run prog.wasm"),),
        "run it there",
    ),
    Known(
        ("wali",),
        "Linux system calls as imports (WALI)",
        "The program was built for a Linux of which every system call is a function of the host.",
        (("WAMR", "the fork that has WALI"),),
        "build it with wasi-sdk, if it can do without",
    ),
    Known(
        ("spectest",),
        "the host module of WebAssembly's own test suite",
        "It has print functions, a memory, a table and a few globals.",
        (("wasmtime, wabt and others", "their commands that run .wast files"),),
        "run it as a .wast script there",
    ),
    Known(
        ("env",),
        "a function that the linker didn't find",
        "C and Rust put a function without a module name there when it is declared, but defined nowhere.",
        (),
        "link what defines it, or give a module that exports it with --preload env=FILE.wasm",
    ),
)
