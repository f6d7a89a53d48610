"""Configurations as small as each family of transformers' detectors allows."""

from typing import Any

COCO_PART = {0: "person", 1: "car", 2: "dog", 3: "cell phone", 4: "couch"}
SIDE_PX = 64
QUERIES = 8
SWIN = {
    "model_type": "swin",
    "image_size": SIDE_PX,
    "patch_size": 4,
    "embed_dim": 8,
    "depths": [1, 1, 1, 1],
    "num_heads": [1, 2, 2, 2],
    "window_size": 2,
    "out_indices": [2, 3, 4],
}
RESNET = {
    "embedding_size": 8,
    "hidden_sizes": [8, 16, 24, 32],
    "depths": [1, 1, 1, 1],
    "layer_type": "basic",
}
LABELS = {"id2label": COCO_PART, "label2id": {name: index for index, name in COCO_PART.items()}}
REAL_TIME = {
    "d_model": 32,
    "encoder_hidden_dim": 32,
    "encoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "encoder_in_channels": [16, 24, 32],
    "decoder_in_channels": [32, 32, 32],
    "decoder_ffn_dim": 32,
    "decoder_attention_heads": 2,
    "decoder_layers": 2,
    "num_queries": QUERIES,
    **LABELS,
}
BERT = {
    "model_type": "bert",
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
GROUNDING = {
    "backbone_config": SWIN,
    "text_config": BERT,
    "d_model": 32,
    "encoder_layers": 1,
    "encoder_ffn_dim": 32,
    "encoder_attention_heads": 4,
    "decoder_layers": 2,
    "decoder_ffn_dim": 32,
    "decoder_attention_heads": 4,
    "num_queries": QUERIES,
    "num_feature_levels": 4,
}
OWL = {
    "text_config": {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 16,
    },
    "vision_config": {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": SIDE_PX,
        "patch_size": 16,
    },
    "projection_dim": 32,
}
CONFIGS: dict[str, dict[str, Any]] = {
    "grounding-dino": GROUNDING,
    "mm-grounding-dino": GROUNDING,
    "owlv2": OWL,
    "owlvit": OWL,
    "omdet-turbo": {
        "backbone_config": SWIN,
        "text_config": {
            "model_type": "clip_text_model",
            "hidden_size": 32,
            "intermediate_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "projection_dim": 32,
        },
        "image_size": SIDE_PX,
        "apply_layernorm_after_vision_backbone": False,
        "text_projection_in_dim": 32,
        "text_projection_out_dim": 32,
        "task_encoder_hidden_dim": 32,
        "class_embed_dim": 32,
        "num_queries": QUERIES,
        "encoder_hidden_dim": 64,
        "vision_features_channels": [64, 64, 64],
        "encoder_in_channels": [16, 32, 64],
        "encoder_attention_heads": 2,
        "encoder_dim_feedforward": 32,
        "decoder_hidden_dim": 64,
        "decoder_num_heads": 2,
        "decoder_num_layers": 2,
        "decoder_dim_feedforward": 32,
    },
    "rt_detr_v2": {
        "backbone_config": {"model_type": "rt_detr_resnet", **RESNET, "out_indices": [2, 3, 4]},
        **REAL_TIME,
    },
    "d_fine": {
        "backbone_config": {
            "model_type": "hgnet_v2",
            "embedding_size": 8,
            "depths": [1, 1, 1, 1],
            "hidden_sizes": [8, 16, 24, 32],
            "stem_channels": [3, 8, 8],
            "stage_in_channels": [8, 8, 16, 24],
            "stage_mid_channels": [8, 8, 8, 8],
            "stage_out_channels": [8, 16, 24, 32],
            "stage_num_blocks": [1, 1, 1, 1],
            "stage_numb_of_layers": [1, 1, 1, 1],
            "out_indices": [2, 3, 4],
        },
        **REAL_TIME,
    },
    "detr": {
        "backbone_config": {"model_type": "resnet", **RESNET, "out_features": ["stage4"]},
        "d_model": 32,
        "encoder_layers": 1,
        "encoder_ffn_dim": 32,
        "encoder_attention_heads": 2,
        "decoder_layers": 1,
        "decoder_ffn_dim": 32,
        "decoder_attention_heads": 2,
        "num_queries": QUERIES,
        **LABELS,
    },
    "rf_detr": {
        "backbone_config": {
            "model_type": "rf_detr_dinov2",
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "mlp_ratio": 2,
            "image_size": SIDE_PX,
            "patch_size": 8,
            "num_windows": 2,
            "out_features": ["stage1", "stage2"],
        },
        "d_model": 32,
        "decoder_ffn_dim": 32,
        "decoder_layers": 2,
        "decoder_self_attention_heads": 2,
        "decoder_cross_attention_heads": 2,
        "num_queries": QUERIES,
        "group_detr": 1,
        "c2f_num_blocks": 1,
        **LABELS,
    },
}
OPEN = ("grounding-dino", "mm-grounding-dino", "omdet-turbo", "owlv2", "owlvit")
FIXED = ("rt_detr_v2", "d_fine", "detr", "rf_detr")
