import {describe, expect, test} from "@odoo/hoot";
import {ConnectionLostError, RPCError} from "@web/core/network/rpc";
import {
    getCallLink,
    getMapLink,
    getPhotoSize,
} from "@power_service_base/my_work/device";
import {
    EntryStore,
    FieldQueue,
    fromServerTime,
    makeRef,
    toServerTime,
} from "@power_service_base/my_work/field_queue";

describe.current.tags("headless");

/** A server that takes each key once, behind a network that may fail. */
function makeServer() {
    const server = {
        taken: [],
        keys: new Set(),
        failure: null,
        loseAnswer: false,
        send: async (method, taskId, {client_ref, ...values}) => {
            if (server.failure) {
                throw server.failure;
            }
            if (!server.keys.has(client_ref)) {
                server.keys.add(client_ref);
                server.taken.push([method, taskId, values]);
            }
            if (server.loseAnswer) {
                throw new ConnectionLostError("/web/dataset/call_kw");
            }
            return true;
        },
    };
    return server;
}

function makeError(name, message) {
    const error = new RPCError(message);
    error.exceptionName = name;
    error.data = {message};
    return error;
}

let databases = 0;

async function makeQueue(server, name = `power_field_test_${++databases}`) {
    const queue = new FieldQueue({
        store: new EntryStore(name),
        send: server.send,
        now: () => Date.UTC(2026, 2, 2, 8, 0, 0),
    });
    await queue.load();
    return queue;
}

test("entries are sent in the order of the taps", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    await queue.add(1, "start");
    await queue.add(2, "arrive");
    await queue.add(1, "note", {note: "x"});
    expect(await queue.flush()).toBe(true);
    expect(server.taken).toEqual([
        ["action_start", 1, {at: "2026-03-02 08:00:00"}],
        ["action_arrive", 2, {at: "2026-03-02 08:00:00"}],
        ["action_add_note", 1, {note: "x", at: "2026-03-02 08:00:00"}],
    ]);
    expect(queue.waiting).toEqual([]);
});

test("without a network everything waits; a reload loses nothing", async () => {
    const server = makeServer();
    server.failure = new ConnectionLostError("/");
    const queue = await makeQueue(server, "power_field_test_reload");
    await queue.add(1, "start");
    await queue.add(1, "photo", {name: "p.jpg", data_base64: "AAAA"});
    expect(await queue.flush()).toBe(false);
    expect(queue.isOffline).toBe(true);
    expect(queue.waiting).toHaveLength(2);

    server.failure = null;
    const reloaded = await makeQueue(server, "power_field_test_reload");
    expect(reloaded.waiting.map((entry) => entry.kind)).toEqual(["start", "photo"]);
    await reloaded.flush();
    expect(server.taken.map(([method]) => method)).toEqual([
        "action_start",
        "action_add_proof",
    ]);
    const empty = await makeQueue(server, "power_field_test_reload");
    expect(empty.entries).toEqual([]);
});

test("a lost answer makes nothing twice", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    await queue.add(1, "done", {outcome: "done"});
    server.loseAnswer = true;
    await queue.flush();
    await queue.flush();
    expect(queue.waiting).toHaveLength(1);
    server.loseAnswer = false;
    await queue.flush();
    expect(queue.waiting).toHaveLength(0);
    expect(server.taken).toHaveLength(1);
});

test("a refusal is kept and told, and holds up nothing else", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    const bad = await queue.add(1, "start");
    await queue.add(2, "start");
    const {send} = server;
    queue.send = (method, taskId, values) =>
        taskId === 1
            ? Promise.reject(makeError("odoo.exceptions.UserError", "It was done."))
            : send(method, taskId, values);
    expect(await queue.flush()).toBe(true);
    expect(server.taken).toHaveLength(1);
    expect(queue.refused).toEqual([bad]);
    expect(bad.refusal).toBe("It was done.");
    queue.send = send;
    await queue.retry(bad);
    await queue.flush();
    expect(queue.entries).toEqual([]);
});

test("an error of the server is tried again, then shown", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    const entry = await queue.add(1, "start");
    server.failure = makeError("psycopg2.OperationalError", "restarting");
    for (let count = 1; count < 5; count++) {
        await queue.flush();
        expect(queue.waiting).toHaveLength(1);
    }
    await queue.flush();
    expect(queue.refused).toEqual([entry]);
});

test("who is signed out keeps everything", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    await queue.add(1, "start");
    server.failure = makeError("odoo.http.SessionExpiredException", "expired");
    await queue.flush();
    expect(queue.isSignedOut).toBe(true);
    expect(queue.waiting).toHaveLength(1);
    server.failure = null;
    await queue.flush();
    expect(queue.isSignedOut).toBe(false);
    expect(server.taken).toHaveLength(1);
});

test("a held entry can be undone; what follows on its task waits", async () => {
    const server = makeServer();
    const queue = await makeQueue(server);
    const held = await queue.add(1, "start", {}, true);
    await queue.add(1, "note", {note: "x"});
    await queue.add(2, "start");
    await queue.flush();
    expect(server.taken.map(([, taskId]) => taskId)).toEqual([2]);
    await queue.release(held, {latitude: 30, longitude: 120, accuracy: 5});
    await queue.flush();
    expect(server.taken[1][2].latitude).toBe(30);
    const undone = await queue.add(3, "start", {}, true);
    await queue.drop(undone);
    await queue.release(undone);
    await queue.flush();
    expect(server.taken).toHaveLength(3);
});

test("the state shown counts what is on its way", async () => {
    const queue = await makeQueue(makeServer());
    const task = {id: 1, state: "planned"};
    await queue.add(1, "start");
    expect(queue.getState(task)).toBe("started");
    await queue.add(1, "arrive");
    expect(queue.getState(task)).toBe("arrived");
    expect(queue.getState({id: 1, state: "done"})).toBe("done");
    expect(queue.getState({id: 2, state: "planned"})).toBe("planned");
});

test("a phone's wrong clock is set right by the server's", async () => {
    const queue = await makeQueue(makeServer());
    queue.setServerTime("2026-03-02 09:30:00");
    const entry = await queue.add(1, "start");
    expect(entry.values.at).toBe("2026-03-02 09:30:00");
});

test("times, keys, sizes and links", () => {
    expect(toServerTime(fromServerTime("2026-03-02 09:30:00"))).toBe(
        "2026-03-02 09:30:00"
    );
    expect(new Set([...Array(100)].map(makeRef)).size).toBe(100);
    expect(getPhotoSize(4000, 3000)).toEqual([1600, 1200]);
    expect(getPhotoSize(1000, 3200)).toEqual([500, 1600]);
    expect(getPhotoSize(800, 600)).toEqual([800, 600]);
    const place = {latitude: 30.1, longitude: 120.2, address: "Mill Lane 3"};
    expect(getMapLink(place, "Android")).toBe(
        "geo:30.1,120.2?q=30.1,120.2(Mill%20Lane%203)"
    );
    expect(getMapLink(place, "iPhone")).toBe("maps:?ll=30.1,120.2&q=Mill%20Lane%203");
    expect(getMapLink({address: "Mill Lane 3"}, "Android")).toBe(
        "geo:0,0?q=Mill%20Lane%203"
    );
    expect(getMapLink({address: ""}, "Android")).toBe("");
    expect(getCallLink("+86 138-0000 0001")).toBe("tel:+8613800000001");
    expect(getCallLink("none")).toBe("");
});
