"""Checkpoints as Kyubyong/transformer leaves them, written by TensorFlow.

The graphs hold the variables alone; TensorFlow gives them their names, in the
scopes and in the order in which the two codes make them.
"""

import tensorflow as tf

v1 = tf.compat.v1
v1.logging.set_verbosity(v1.logging.ERROR)
v1.disable_resource_variables()


def layer(kind, shape):
    """tf.layers.dense or conv1d: kind names the scope, numbers follow."""
    with v1.variable_scope(None, default_name=kind):
        v1.get_variable("kernel", shape)
        v1.get_variable("bias", shape[-1:])


def norm(d):
    with v1.variable_scope("ln"):
        v1.get_variable("beta", [d])
        v1.get_variable("gamma", [d])


def unnamed_norm(d):
    with v1.variable_scope("ln"):
        v1.Variable(tf.zeros([d]))  # beta
        v1.Variable(tf.ones([d]))  # gamma


def attention(scope, d, make_norm):
    with v1.variable_scope(scope):
        for _ in "qkv":
            layer("dense", [d, d])
        make_norm(d)


def modern_graph(hparams):
    d, f = hparams["d_model"], hparams["d_ff"]

    def feed_forward():
        with v1.variable_scope("positionwise_feedforward"):
            layer("dense", [d, f])
            layer("dense", [f, d])
            norm(d)

    with v1.variable_scope("shared_weight_matrix"):
        v1.get_variable("weight_mat", [hparams["vocab_size"], d])
    with v1.variable_scope("encoder"):
        for i in range(hparams["num_blocks"]):
            with v1.variable_scope(f"num_blocks_{i}"):
                attention("multihead_attention", d, norm)
                feed_forward()
    with v1.variable_scope("decoder"):
        for i in range(hparams["num_blocks"]):
            with v1.variable_scope(f"num_blocks_{i}"):
                attention("self_attention", d, norm)
                attention("vanilla_attention", d, norm)
                feed_forward()


def legacy_graph(hparams, sizes):
    """sizes: entries of the two vocabularies."""
    d = hparams["hidden_units"]

    def embedding(scope, rows):
        with v1.variable_scope(scope):
            v1.get_variable("lookup_table", [rows, d])

    def feed_forward():
        with v1.variable_scope("multihead_attention"):
            layer("conv1d", [1, d, 4 * d])
            layer("conv1d", [1, 4 * d, d])
            unnamed_norm(d)

    with v1.variable_scope("encoder"):
        embedding("enc_embed", sizes[0])
        embedding("enc_pe", hparams["maxlen"])
        for i in range(hparams["num_blocks"]):
            with v1.variable_scope(f"num_blocks_{i}"):
                attention("multihead_attention", d, unnamed_norm)
                feed_forward()
    with v1.variable_scope("decoder"):
        embedding("dec_embed", sizes[1])
        embedding("dec_pe", hparams["maxlen"])
        for i in range(hparams["num_blocks"]):
            with v1.variable_scope(f"num_blocks_{i}"):
                attention("self_attention", d, unnamed_norm)
                attention("vanilla_attention", d, unnamed_norm)
                feed_forward()
    layer("dense", [d, sizes[1]])


def value(variable, draw):
    name, shape = variable.op.name, variable.shape.as_list()
    if name.endswith(("/gamma", "/Variable_1")):
        return draw.scale(shape[0])
    if name.endswith("weight_mat"):
        return draw.normal(shape, 1.6 * shape[1] ** -0.5)
    if name.endswith("lookup_table"):
        return draw.normal(shape, 1.0 if "_pe" in name else shape[1] ** -0.5)
    if len(shape) == 1:
        values = draw.vector(shape[0])
        if name == "dense/bias":
            values[3] += 1.3  # so that outputs end
        return values
    sharp = 2.0 if name.endswith(("dense/kernel", "dense_1/kernel")) else 1.0
    gain = sharp if "attention" in name else 1.0
    return draw.matrix(shape, shape[-2], gain)


def write(prefix, build, draw):
    """Writes a checkpoint of the variables that build() makes; their values."""
    with tf.Graph().as_default(), v1.Session() as session:
        build()
        variables = v1.global_variables()
        step = v1.train.get_or_create_global_step()
        loss = tf.add_n([tf.reduce_sum(v * v) for v in variables])
        v1.train.AdamOptimizer().minimize(loss, global_step=step)
        session.run(v1.global_variables_initializer())
        values = {v.op.name: value(v, draw) for v in variables}
        for variable in variables:
            variable.load(values[variable.op.name], session)
        v1.train.Saver().save(session, prefix)
    return values
